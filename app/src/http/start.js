// Loads the console's WebAssembly and wakes the islands of the page. The page works without it:
// `data-ready` says that they are awake, `data-asleep` that they stay asleep.
const address = (id) => document.getElementById(id)?.href;

async function start(script, program) {
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
}

const page = document.documentElement.dataset;
try {
  await start(address("weir-js"), address("weir-wasm"));
  page.ready = "";
} catch (error) {
  page.asleep = "";
  throw error;
}
