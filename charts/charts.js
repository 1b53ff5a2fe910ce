// Draws the charts of a page. Each stands in it as an option that the server made, with a legend and a table of the same
// numbers: colours and hatches are those of the legend's swatches, and what is told of a bar is read from the table, so
// that chart, table and tooltip never say different things.
import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, AriaComponent, GridComponent, TooltipComponent, CanvasRenderer]);

/** Lines of a hatch: which way, and how far from each other. The same as of the swatches. */
const HATCHES = {
  h1: { rotation: Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [2, 3] },
  h2: { rotation: -Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [2, 3] },
  h3: { rotation: 0, dashArrayX: [1, 0], dashArrayY: [2, 3] },
  h4: { rotation: Math.PI / 4, dashArrayX: [[4, 2], [0, 6]], dashArrayY: [4, 2] },
  h5: { rotation: Math.PI / 2, dashArrayX: [1, 0], dashArrayY: [2, 3] },
  h6: { rotation: 0, dashArrayX: [[1, 0], [2, 3]], dashArrayY: [2, 0, 3, 0] },
  h7: { rotation: Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [5, 5] },
  h8: { rotation: 0, dashArrayX: [1, 0], dashArrayY: [5, 5] },
  h9: { rotation: -Math.PI / 4, dashArrayX: [1, 0], dashArrayY: [5, 5] },
};

const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A custom property that is a colour, as the canvas understands it: an element that has it says what it is now. */
function colourOf(name) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** 250000 is 250k, and 0.05 stays so. */
function short(number) {
  for (const [step, letter] of [[1e9, "B"], [1e6, "M"], [1e3, "k"]])
    if (number >= step) return `${Number((number / step).toPrecision(3))}${letter}`;
  return String(Number(number.toPrecision(3)));
}

/** How a number stands at the axis. Money comes in nano-dollars. */
const atAxis = { money: (nano) => `$${short(nano / 1e9)}`, count: short };

/** The table behind a chart: the names of its columns, and of each row its head, its cells and their sum. */
function read(table, unit) {
  const figure = (cell) => (unit === "money" ? `$${cell.textContent}` : cell.textContent);
  const names = [...table.tHead.rows[0].cells].slice(1, -1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows].map((row) => {
    const [head, ...cells] = row.cells;
    return { head: head.textContent, sum: figure(cells.pop()), cells: cells.map(figure) };
  });
  return { names, rows };
}

/** What is read out of a bar: all that is not nothing there. */
function inWords({ head, sum, cells }, names) {
  const parts = names.map((name, place) => [name, cells[place]]).filter(([, figure]) => /[1-9]/.test(figure));
  const told = parts.map(([name, figure]) => `${name} ${figure}`).join(", ");
  return `${head}: ${sum}${told ? `. ${told}` : ""}`;
}

/** An element with a class and words in it. */
function element(tag, name, ...children) {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...children);
  return made;
}

/** The tooltip: the head and the sum, then a line for each series. */
function tip({ head, sum, cells }, names, swatches) {
  const line = (name, place) => element("div", "r", swatches[place].cloneNode(), element("span", "cut", name), element("span", "n", cells[place]));
  return element("div", "tip-in", element("div", "h", element("span", "", head), element("span", "n", sum)), ...names.map(line));
}

/** The option as it is drawn now: with the colours of the page, which may be light or dark. */
function dressed(option, figure, table) {
  const swatches = [...figure.querySelectorAll(".legend .swatch")];
  const unit = figure.dataset.unit;
  const [ink, ink2, line, line2, surface] = ["--ink", "--ink-2", "--line", "--line-2", "--surface"].map(colourOf);
  const hatchInk = colourOf("--hatch-ink");
  const fontFamily = property("--font");
  const text = { fontFamily, fontSize: 11, color: ink2 };
  const zeros = option.xAxis.data.map((_, place) => (option.series.every((series) => !series.data[place]) ? 0 : "-"));
  const series = option.series.map((series, place) => {
    const swatch = swatches[place];
    const hatch = HATCHES[[...swatch.classList].find((name) => name in HATCHES)];
    const itemStyle = {
      color: getComputedStyle(swatch).backgroundColor,
      borderColor: surface,
      borderWidth: 0.5,
      decal: hatch ? { symbol: "rect", symbolSize: 1, color: hatchInk, ...hatch } : { symbol: "none" },
    };
    return { ...series, itemStyle, emphasis: { disabled: true }, barMaxWidth: 64, barCategoryGap: "28%" };
  });
  // Nothing is a short line and a 0, not a gap.
  series.push({
    type: "bar",
    stack: "all",
    data: zeros,
    barMinHeight: 2,
    silent: true,
    itemStyle: { color: ink2, decal: { symbol: "none" } },
    label: { show: zeros.length <= 31, position: "top", formatter: "0", ...text },
  });
  return {
    ...option,
    animation: false,
    textStyle: text,
    aria: { enabled: false, decal: { show: true } },
    // Room for a label at the very edge; the rest is for the bars.
    grid: { ...option.grid[0], right: 2, containLabel: true },
    xAxis: {
      ...option.xAxis,
      axisLabel: { ...text, lineHeight: 14, hideOverlap: true, margin: 8 },
      axisLine: { lineStyle: { color: line2 } },
      axisTick: { show: false },
    },
    yAxis: {
      ...option.yAxis,
      minInterval: unit === "count" ? 1 : undefined,
      axisLabel: { ...text, formatter: atAxis[unit] },
      splitLine: { lineStyle: { color: line } },
    },
    tooltip: {
      trigger: "axis",
      // The content is made of elements with classes, since the page allows no styles in markup.
      formatter: (points) => tip(table.rows[points[0].dataIndex], table.names, swatches),
      className: "tip",
      appendTo: document.body,
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: "shadow", animation: false, shadowStyle: { color: ink, opacity: 0.06 } },
      backgroundColor: surface,
      borderColor: line2,
      borderWidth: 1,
      padding: [8, 12],
      textStyle: text,
    },
    series,
  };
}

const drawn = new Set();

function draw(figure) {
  const plot = figure.querySelector(".plot");
  const reading = figure.querySelector(".reading");
  const option = JSON.parse(figure.querySelector("script").textContent);
  const table = read(document.getElementById(figure.dataset.table), figure.dataset.unit);
  const chart = init(plot, null, { renderer: "canvas" });
  let at = -1;

  const paint = () => chart.setOption(dressed(option, figure, table), true);
  const show = (bar) => {
    at = Math.max(0, Math.min(table.rows.length - 1, bar));
    chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: at });
    reading.textContent = inWords(table.rows[at], table.names);
  };
  const hide = () => {
    at = -1;
    chart.dispatchAction({ type: "hideTip" });
    reading.textContent = "";
  };
  plot.addEventListener("keydown", (event) => {
    const last = table.rows.length - 1;
    const to = { ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to !== undefined) {
      event.preventDefault();
      show(to);
    } else if (event.key === "Escape" && at >= 0) {
      event.stopPropagation();
      hide();
    }
  });
  plot.addEventListener("blur", hide);
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(plot);
  paint();
  drawn.add({ figure, paint, end: () => (observer.disconnect(), chart.dispose()) });
  figure.dataset.drawn = "";
}

/** Draws what is new in the page, and lets go of what is no longer in it. */
function update() {
  for (const one of drawn)
    if (!one.figure.isConnected) {
      one.end();
      drawn.delete(one);
    }
  for (const figure of document.querySelectorAll("figure.chart:not([data-drawn])")) draw(figure);
}

const repaint = () => drawn.forEach((one) => one.paint());

update();
document.addEventListener("weir:wake", update);
// Light and dark: as the system has it, or by the switch of the page; and paper, which is always light.
for (const change of ["(prefers-color-scheme: dark)", "print"]) matchMedia(change).addEventListener("change", repaint);
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
