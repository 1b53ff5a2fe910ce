//! Request bodies: what is read is what a JSON parser reads, and what Weir changes changes nothing else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use weir_fuzz::Input;
use wire::{estimate, request};

type Object = Map<String, Value>;

fn object(bytes: &[u8]) -> Option<Object> {
    serde_json::from_slice(bytes).ok()
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input::new(bytes);
    let (operation, provider_type) = (input.operation(), input.provider_type());
    let asked = request::read(operation, provider_type, bytes);
    let content_type = input.one_of(&[None, Some("application/json"), Some("text/plain")]);
    let _ = request::other_model(provider_type, content_type, bytes);
    let _ = estimate::prompt(operation, bytes);
    let tree = object(bytes);
    if let (Ok(asked), Some(tree)) = (&asked, &tree) {
        let written = tree.get("model").and_then(Value::as_str);
        let short = written.map(|model| model.strip_prefix("models/").unwrap_or(model));
        assert!(
            asked.model.is_none()
                || [written, short].contains(&asked.model.as_deref())
                || written.is_none(),
            "{asked:?}"
        );
        let streamed = tree.get("stream").and_then(Value::as_bool);
        assert!(!asked.stream || streamed != Some(false), "{asked:?}");
    }
    if let Ok(Some(changed)) = request::with_stream_usage(bytes) {
        let mut now = object(&changed)
            .or_else(|| tree.is_none().then(Object::new))
            .expect("an object");
        if let Some(mut tree) = tree.clone() {
            let mut options = tree
                .remove("stream_options")
                .filter(|it| !it.is_null())
                .unwrap_or(json!({}));
            options["include_usage"] = json!(true);
            assert_eq!(now.remove("stream_options"), Some(options));
            assert_eq!(now, tree);
        }
    }
    if let Ok(changed) = request::with_guardrail(bytes, "gr-\"1", "DRAFT")
        && let Some(mut tree) = tree
    {
        let mut now = object(&changed).expect("an object");
        tree.remove("guardrailConfig");
        let guardrail = json!({"guardrailIdentifier": "gr-\"1", "guardrailVersion": "DRAFT"});
        assert_eq!(now.remove("guardrailConfig"), Some(guardrail));
        assert_eq!(now, tree);
    }
});
