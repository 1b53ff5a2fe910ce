const answer = await fetch(PROXY_URL, {
  method: "POST",
  headers: {
    Authorization: `Bearer ${process.env.WEIR_TOKEN}`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    model: MODEL,
    messages: [{ role: "user", content: QUESTION }],
  }),
});
const { choices } = await answer.json();
console.log(choices[0].message.content);
