//! Asks a program of others whether a signature is right: `scripts/sigv4/check.py` recomputes it
//! with botocore. It knows nothing of who may call.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};

const PYTHON: &str = "python3";
const WAITING: usize = 1024;

/// A signed call as it arrived, and the secret that belongs to its key.
#[derive(Serialize)]
pub(super) struct Question<'q> {
    pub(super) method: &'q str,
    /// As on the wire, percent-encoding included.
    pub(super) path: &'q str,
    pub(super) query: &'q str,
    /// All headers, `host` too.
    pub(super) headers: Vec<(&'q str, String)>,
    /// In base64.
    pub(super) body: String,
    pub(super) region: &'q str,
    pub(super) service: &'q str,
    pub(super) access_key_id: &'q str,
    pub(super) secret_access_key: &'q str,
}

/// What the program says.
#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    pub(super) ok: bool,
    /// The signature that would be right, or why there is none.
    pub(super) expected: Option<String>,
    pub(super) got: Option<String>,
}

/// The program, started with the first question.
pub(super) struct Checker {
    script: PathBuf,
    /// Its own task asks, so that a client that leaves does not leave an answer behind.
    questions: OnceLock<mpsc::Sender<Asked>>,
}

struct Asked {
    line: Vec<u8>,
    answer: oneshot::Sender<io::Result<Verdict>>,
}

/// The program while it runs; it ends when this is dropped.
struct Running {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Question<'_> {
    /// A body as it is asked about.
    pub(super) fn body(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }
}

impl Checker {
    pub(super) fn new(script: PathBuf) -> Self {
        Self {
            script,
            questions: OnceLock::new(),
        }
    }

    /// Asks. Fails if the program cannot be started or does not answer.
    pub(super) async fn check(&self, question: &Question<'_>) -> io::Result<Verdict> {
        let mut line = serde_json::to_vec(question)?;
        line.push(b'\n');
        let questions = self.questions.get_or_init(|| {
            let (questions, asked) = mpsc::channel(WAITING);
            tokio::spawn(ask_all(self.script.clone(), asked));
            questions
        });
        let (answer, answered) = oneshot::channel();
        let gone = || io::Error::other("the program that checks signatures is gone");
        questions
            .send(Asked { line, answer })
            .await
            .map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Until nobody can ask any more. After a failure the program is started anew.
async fn ask_all(script: PathBuf, mut questions: mpsc::Receiver<Asked>) {
    let mut running: Option<Running> = None;
    while let Some(asked) = questions.recv().await {
        let program = match running.take() {
            Some(program) => Ok(program),
            None => Running::start(&script),
        };
        let verdict = match program {
            Ok(mut program) => {
                let verdict = program.ask(&asked.line).await;
                if verdict.is_ok() {
                    running = Some(program);
                }
                verdict
            }
            Err(error) => Err(error),
        };
        // Whoever asked may have left.
        drop(asked.answer.send(verdict));
    }
}

impl Running {
    fn start(script: &PathBuf) -> io::Result<Self> {
        let mut child = Command::new(PYTHON)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let no_pipe = || io::Error::other("the program that checks signatures has no pipes");
        let input = child.stdin.take().ok_or_else(no_pipe)?;
        let output = child.stdout.take().ok_or_else(no_pipe)?;
        Ok(Self {
            _child: child,
            input,
            output: BufReader::new(output).lines(),
        })
    }

    async fn ask(&mut self, line: &[u8]) -> io::Result<Verdict> {
        self.input.write_all(line).await?;
        self.input.flush().await?;
        match self.output.next_line().await? {
            Some(answer) => Ok(serde_json::from_str(&answer)?),
            None => Err(io::Error::other(
                "the program that checks signatures ended; is botocore installed?",
            )),
        }
    }
}

#[cfg(test)]
mod tests;
