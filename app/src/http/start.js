// Loads the console's WebAssembly and wakes the islands of the page. The page works without it.
const address = (id) => document.getElementById(id)?.href;
const script = address("weir-js");
const program = address("weir-wasm");

if (script && program) {
  const islands = await import(script);
  await islands.default({ module_or_path: program });
  islands.hydrate();

  // An island is found by its whole name, else without the number behind it: another compiler numbers otherwise.
  const stem = (name) => name.replace(/_\d+$/, "");
  const stems = new Map(Object.keys(islands).map((name) => [stem(name), islands[name]]));
  const wake = (root) => {
    for (const island of root.querySelectorAll("leptos-island")) {
      const name = island.dataset.component;
      if (island.dataset.awake === undefined) {
        island.dataset.awake = "";
        (islands[name] ?? stems.get(stem(name)))?.(island);
      }
    }
  };
  document.addEventListener("weir:wake", (event) => wake(event.target));
  wake(document);
  document.documentElement.dataset.ready = "";
}

// An address may name a dialog of its page, such as that of a model's rates.
const named = location.hash && document.getElementById(location.hash.slice(1));
if (named?.popover && !named.matches(":popover-open")) named.showPopover();
