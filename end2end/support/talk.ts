// Conversations that are recorded, and what somebody might say in one to harm whoever reads it.
import { expect } from "@playwright/test";
import { UPSTREAM_KEY, type Weir } from "./weir.ts";

/** Says something through a provider that records. `says`: what the answer ends with. */
export type Say = (messages: unknown[], more?: { conversation?: string; says?: string; user?: string }) => Promise<{ call: string; answer: string }>;

/** A provider that records both, and the way to talk to it. */
export async function talker(weir: Weir, id = "openai-recorded"): Promise<Say> {
  await weir.api("PUT", "/api/v1/secrets/RECORDED_KEY", { value: UPSTREAM_KEY });
  await weir.api("POST", "/api/v1/providers", {
    id, display_name: "OpenAI, recorded", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "RECORDED_KEY",
    models: [{ id: "gpt-5-mini" }], record_inputs: true, record_outputs: true,
  });
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: `talker of ${id}`, agent: "support-triage" });
  return async (messages, { conversation, says, user = "eu-desk" } = {}) => {
    const headers: Record<string, string> = { "x-weir-token": token, "content-type": "application/json", "x-weir-user": user };
    if (conversation) headers["x-weir-conversation"] = conversation;
    if (says) headers["x-standin-say"] = says;
    const answered = await fetch(`${weir.url}/llm/v1/providers/${id}/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model: "gpt-5-mini", messages, tools: TOOLS }),
    });
    const body = await answered.json();
    expect(answered.status, JSON.stringify(body)).toBe(200);
    return { call: answered.headers.get("x-weir-call-id")!, answer: body.choices[0].message.content ?? "" };
  };
}

const TOOLS = ["orders_lookup", "tickets_assign"].map((name) => ({
  type: "function",
  function: { name, description: name, parameters: { type: "object", properties: { order: { type: "string" } } } },
}));

const SYSTEM = "You sort incoming support mail for Northwind, a furniture maker.\nLook up the order before you answer. Never promise a date that\nthe order system does not show.";
const PHOTO = `data:image/png;base64,${"iVBORw0KGgo".repeat(400)}`;

/** A conversation of three turns, with a picture, a tool and markdown. The conversation's address and its calls. */
export async function conversation(weir: Weir, say: Say) {
  const messages: any[] = [
    { role: "system", content: SYSTEM },
    { role: "user", content: [{ type: "text", text: "My bookcase (order 88-20417) came with one side panel cracked. Can I get the panel alone?" }, { type: "image_url", image_url: { url: PHOTO } }] },
  ];
  const calls = [(await say(messages, { conversation: "cracked-panel" })).call];
  messages.push(
    { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "orders_lookup", arguments: '{"order":"88-20417","include":["items","parts"]}' } }] },
    { role: "tool", tool_call_id: "call_1", content: '{"order":"88-20417","parts":[{"sku":"BK-5-SL","in_stock":14},{"sku":"BK-5-SR","in_stock":0}]}' },
  );
  const table = "\n\nYou can keep the bookcase:\n\n- **Left side panel:** in stock.\n- **Right side panel:** on 3 December.\n\n| part | in stock |\n|---|---|\n| BK-5-SL | 14 |\n\nSee [the policy](https://example.com/returns).";
  messages.push({ role: "assistant", content: "Sorry about the cracked panel." + table }, { role: "user", content: "The left one. And do I pay for shipping?" });
  calls.push((await say(messages, { conversation: "cracked-panel" })).call);
  messages.push({ role: "assistant", content: "No, it is free." }, { role: "user", content: "Thank you!" });
  calls.push((await say(messages, { conversation: "cracked-panel" })).call);
  return { address: await address(weir, calls[2]), calls };
}

/** The address of the conversation of a call, once it is written down. */
export async function address(weir: Weir, call: string): Promise<string> {
  const found = async () => {
    for (const { id } of (await weir.api("GET", "/api/v1/conversations?limit=100")).items) {
      const { turns } = await weir.api("GET", `/api/v1/conversations/${id}`);
      if (turns.some((turn: any) => turn.call_id === call)) return `/transcripts/${id}`;
    }
    return "";
  };
  await expect.poll(found, { timeout: 10_000 }).not.toBe("");
  return found();
}

/** What nobody who reads it is to be harmed by. Each has a word of its own, by which one sees that it is shown. */
export const HOSTILE: Record<string, string> = {
  html: "hostile-html <script>alert('html')</script><img src=x onerror=alert(1)><iframe src=https://evil.example/frame></iframe><form action=https://evil.example><input name=x></form><style>*{display:none}</style><base href=https://evil.example/>",
  block: "hostile-block\n\n<div onclick=alert(1)><h1>Weir</h1>\n<meta http-equiv=refresh content='0;url=https://evil.example'>\n</div>",
  svg: "hostile-svg <svg xmlns=http://www.w3.org/2000/svg onload=alert(1)><script>alert(2)</script><a href=javascript:alert(3)>x</a></svg>",
  links: "hostile-links [a](javascript:alert(1)) [b](JaVaScRiPt:alert%281%29) [c](data:text/html,<script>alert(1)</script>) [d](//evil.example) [e](/settings) <javascript:alert(1)> [good](https://evil.example/good \"title\")",
  images: "hostile-images ![x](https://evil.example/pixel.png) ![y](//evil.example/p.gif)\n\n![z][ref]\n\n[ref]: https://evil.example/ref.png",
  bidi: "hostile-bidi \u202Etxt.exe\u202C \u2066isolated\u2069 \u200Bzero\u200Bwidth \uFEFF \u{E0041}\u{E0042} \u0627\u0644\u0639\u0631\u0628\u064A\u0629 Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034DA",
  terminal: "hostile-terminal \u001B[2J\u001B[31mred\u001B]8;;https://evil.example\u0007link\u001B]8;;\u0007 \u009B31m \u0007 \b\b\b \u0000 end",
  line: `hostile-line ${"x".repeat(5_000_000)}`,
  words: `hostile-words ${"&<\u202E ".repeat(200_000)}`,
  deep: `hostile-deep ${">".repeat(20_000)} ${"[".repeat(50_000)}${"*a ".repeat(20_000)}`,
  lists: `hostile-lists\n${Array.from({ length: 200 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n")}`,
};
