"use strict";
// Draws what Page.java put into #data: runs of layers and of starts, each oldest first.
(() => {
  const { runs, starts } = JSON.parse(document.getElementById("data").textContent);
  const OPERATORS = ["depthwise", "pointwise", "separable", "standard", "chain"];
  const ENGINES = ["vector", "scalar", "onednn-blocked", "onednn-nhwc", "onnxruntime", "netlib"];
  const LOTTERY = 1.1; // more is shown as bad
  const charts = {};
  const byId = (id) => document.getElementById(id);
  const percent = (x) => (100 * x).toFixed(1);
  const unique = (values) => [...new Set(values)];
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // ---- what is chosen -------------------------------------------------------------------------

  const run = () => runs[Number(byId("run").value)];
  const checked = (id) =>
    [...document.querySelectorAll(`#${id} input:checked`)].map((box) => box.value);

  /** Engines of all runs: those known in a fixed order, so that each keeps its colour. */
  function engines() {
    const found = unique(runs.flatMap((r) => r.figures.map((f) => f.engine)));
    const known = ENGINES.filter((e) => found.includes(e));
    return known.concat(found.filter((e) => !known.includes(e)).sort());
  }

  function engineColor(engine) {
    const index = ENGINES.indexOf(engine);
    return color(`--c${index >= 0 ? index : 6}`);
  }

  function fits(figure) {
    const network = byId("network").value;
    const search = byId("search").value.trim().toLowerCase();
    return (
      (!network || figure.network === network) &&
      checked("operators").includes(figure.operator) &&
      checked("engines").includes(figure.engine) &&
      `${figure.network}/${figure.layer} ${figure.shape}`.toLowerCase().includes(search)
    );
  }

  const key = (f) => `${f.network}/${f.layer} ${f.operator}`;

  function title(figure, long) {
    const several = !byId("network").value && unique(run().figures.map((f) => f.network)).length > 1;
    const prefix = several || long ? figure.network.replace(/(_[\d.]+)+$/, "") + " " : "";
    return prefix + figure.label + (figure.standIn ? " as standard" : "");
  }

  // ---- tables ---------------------------------------------------------------------------------

  function element(tag, text, attributes = {}) {
    const node = document.createElement(tag);
    node.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  }

  /** Columns are [heading, cell of a row, whether numbers, whether a row's is bad]. */
  function table(section, columns, rows) {
    const node = document.createElement("table");
    const head = node.createTHead().insertRow();
    columns.forEach(([heading, , number]) =>
      head.append(element("th", heading, { scope: "col", class: number ? "number" : "" })));
    const body = node.createTBody();
    rows.forEach((row) => {
      const line = body.insertRow();
      columns.forEach(([, cell, number, bad]) => {
        const value = cell(row);
        const style = `${number ? "number" : ""} ${bad?.(row) ? "slower" : ""}`.trim();
        line.append(element("td", value === undefined ? "-" : value, { class: style }));
      });
    });
    document.querySelector(`#${section} .scroll`).replaceChildren(node);
  }

  const LAYER = [
    ["layer", (f) => title(f)],
    ["operator", (f) => f.operator],
    ["shape", (f) => f.shape],
    ["engine", (f) => f.engine],
  ];

  // ---- charts ---------------------------------------------------------------------------------

  /** Draws, or says why there is nothing to draw. */
  function draw(section, height, none, config) {
    const empty = config.data.datasets.every((set) => set.silent || set.data.length === 0);
    document.querySelector(`#${section} .none`).textContent = empty ? none : "";
    const canvas = document.querySelector(`#${section} canvas`);
    charts[section]?.destroy();
    canvas.parentElement.style.height = `${height}px`;
    Chart.defaults.color = color("--text");
    Chart.defaults.borderColor = color("--grid");
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const options = { responsive: true, maintainAspectRatio: false, animation: false };
    charts[section] = new Chart(canvas, { ...config, options: { ...options, ...config.options } });
  }

  /** Arrow keys move the tooltip from one element of a chart to the next, Escape takes it away. */
  function keys(section) {
    const canvas = document.querySelector(`#${section} canvas`);
    let at = -1;
    canvas.addEventListener("blur", () => select(section, []));
    canvas.addEventListener("keydown", (event) => {
      const chart = charts[section];
      const points = chart.data.datasets.flatMap((set, datasetIndex) =>
        set.silent ? [] : set.data.map((value, index) => ({ datasetIndex, index, value })))
        .filter((point) => point.value !== null)
        .sort((a, b) => (chart.options.indexAxis === "y" ? a.index - b.index : 0));
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        select(section, []);
      } else if (step && points.length > 0) {
        event.preventDefault();
        at = (at + step + points.length) % points.length;
        select(section, [points[at]]);
      }
    });
  }

  function select(section, elements) {
    const chart = charts[section];
    chart.setActiveElements(elements);
    chart.tooltip.setActiveElements(elements, { x: 0, y: 0 });
    chart.update();
  }

  function speed(figures) {
    const share = document.querySelector("input[name=unit]:checked").value === "share";
    const rows = unique(figures.map(key));
    const named = unique(figures.map((f) => f.engine)).sort(
      (a, b) => engines().indexOf(a) - engines().indexOf(b));
    const find = (row, engine) => figures.find((f) => key(f) === row && f.engine === engine);
    const datasets = named.map((engine) => ({
      label: engine,
      backgroundColor: engineColor(engine),
      data: rows.map((row) => {
        const f = find(row, engine);
        return f ? (share ? 100 * f.share : f.gflops) : null;
      }),
      figures: rows.map((row) => find(row, engine)),
      barPercentage: 0.95,
      categoryPercentage: 0.8,
    }));
    draw("speed", 90 + rows.length * (12 + 8 * named.length), "No figure fits.", {
      type: "bar",
      data: { labels: rows.map((row) => title(figures.find((f) => key(f) === row))), datasets },
      options: {
        indexAxis: "y",
        interaction: { mode: "nearest", axis: "xy", intersect: false },
        scales: {
          x: { position: "top", min: 0, title: { display: true, text: share ? "% of FMA peak" : "GFLOP/s" } },
          y: { grid: { display: false }, ticks: { autoSkip: false } },
        },
        plugins: { tooltip: { callbacks: { title: named1, label: describe } } },
      },
    });
    table("speed", [
      ...LAYER,
      ["GFLOP/s", (f) => f.gflops.toFixed(1), true],
      ["% of peak", (f) => percent(f.share), true],
      ["spread %", (f) => percent(f.spread), true],
      ["% in best ms", (f) => (f.fastest === undefined ? undefined : percent(f.fastest)), true],
      ["forks", (f) => f.forks, true],
      ["between forks %", (f) => percent(f.forkSpread), true],
      ["lottery", (f) => f.lottery?.toFixed(2), true, (f) => f.lottery > LOTTERY],
    ], figures);
  }

  const named1 = (items) => {
    const f = items[0].dataset.figures[items[0].dataIndex];
    return `${title(f, true)} (${f.operator})`;
  };
  const describe = (item) => {
    const f = item.dataset.figures[item.dataIndex];
    return `${f.engine}: ${f.gflops.toFixed(1)} GFLOP/s, ${percent(f.share)} % of peak, ${f.shape}`;
  };

  function roofline(figures) {
    const peak = run().peak[1];
    const copy = run().copy[1];
    const from = Math.min(0.5, ...figures.map((f) => f.intensity));
    const to = Math.max(200, ...figures.map((f) => f.intensity)) * 1.3;
    const roof = (x) => ({ x, y: copy ? Math.min(peak, copy * x) : peak });
    const knee = copy && peak / copy > from ? [roof(peak / copy)] : [];
    const silent = { silent: true, type: "line", pointRadius: 0, pointHitRadius: 0 };
    const line = {
      ...silent,
      label: copy ? "FMA peak and copy bandwidth" : "FMA peak",
      borderColor: color("--text"),
      borderWidth: 1.5,
      data: peak ? [roof(from), ...knee, roof(to)] : [],
    };
    const points = engines().map((engine) => {
      const own = figures.filter((f) => f.engine === engine);
      return {
        label: engine,
        backgroundColor: engineColor(engine),
        borderColor: color("--back"),
        radius: 5,
        hoverRadius: 8,
        data: own.map((f) => ({ x: f.intensity, y: f.gflops })),
        figures: own,
      };
    });
    const log = (text) => ({ type: "logarithmic", title: { display: true, text },
      ticks: { callback: (v) => (/^[125]/.test(Number(v).toExponential()) ? v : "") , maxRotation: 0 } });
    draw("roofline", 480, "No figure fits.", {
      type: "scatter",
      data: { datasets: [line, ...points.filter((set) => set.data.length > 0)] },
      options: {
        scales: { x: { ...log("operations a byte"), min: from * 0.9, max: to }, y: log("GFLOP/s") },
        plugins: { tooltip: { callbacks: { title: named1, label: describe } } },
      },
    });
    table("roofline", [
      ...LAYER,
      ["operations a byte", (f) => f.intensity.toFixed(2), true],
      ["GFLOP/s", (f) => f.gflops.toFixed(1), true],
      ["% of roof", (f) => (peak ? percent(f.gflops / roof(f.intensity).y) : undefined), true],
    ], figures);
  }

  function speedup(figures) {
    const blocks = figures.filter((f) => f.ours && f.speedup);
    const several = unique(blocks.map((f) => f.engine)).length > 1;
    const bars = (label, background, value) => ({
      label, backgroundColor: background, data: blocks.map(value), figures: blocks,
    });
    draw("speedup", 90 + 36 * blocks.length, "No separable block with its standard convolution is shown.", {
      type: "bar",
      data: {
        labels: blocks.map((f) => title(f) + (several ? ` ${f.engine}` : "")),
        datasets: [
          bars("measured", color("--c0"), (f) => f.speedup),
          bars("theory", color("--c1"), (f) => f.theory),
        ],
      },
      options: {
        indexAxis: "y",
        interaction: { mode: "nearest", axis: "xy", intersect: false },
        scales: {
          x: { position: "top", min: 0, title: { display: true, text: "times as fast as standard" } },
          y: { grid: { display: false }, ticks: { autoSkip: false } },
        },
        plugins: { tooltip: { callbacks: {
          title: named1,
          label: (item) => `${item.dataset.label}: ${item.parsed.x.toFixed(2)} x`,
        } } },
      },
    });
    table("speedup", [
      ...LAYER,
      ["measured x", (f) => f.speedup.toFixed(2), true],
      ["theory x", (f) => f.theory.toFixed(2), true],
      ["measured / theory %", (f) => percent(f.speedup / f.theory), true],
    ], blocks);
  }

  function history() {
    const past = runs.filter((r) => r.machine === run().machine);
    const all = past.flatMap((r) => r.figures.filter((f) => f.ours && fits(f)));
    const rows = unique(all.map((f) => `${key(f)} ${f.engine}`));
    const find = (r, row) => r.figures.find((f) => `${key(f)} ${f.engine}` === row);
    const slower = (f) => f && f.change < 0;
    const operatorColor = (f) => color(`--c${[4, 0, 2, 5, 6][OPERATORS.indexOf(f.operator)]}`);
    const datasets = rows.map((row) => {
      const found = past.map((r) => find(r, row));
      const any = found.find((f) => f);
      return {
        label: `${title(any)} ${any.operator} ${any.engine}`,
        operator: any.operator,
        figures: found,
        data: found.map((f) => (f ? 100 * f.share : null)),
        spanGaps: true,
        borderColor: operatorColor(any),
        backgroundColor: operatorColor(any),
        borderWidth: 1.5,
        pointStyle: found.map((f) => (slower(f) ? "triangle" : "circle")),
        pointRotation: 180,
        pointRadius: found.map((f) => (slower(f) ? 9 : 3)),
        pointBackgroundColor: found.map((f) => (slower(f) ? color("--bad") : operatorColor(any))),
      };
    });
    const shown = OPERATORS.filter((o) => datasets.some((set) => set.operator === o));
    draw("history", 460, "No figure fits.", {
      type: "line",
      data: { labels: past.map((r) => r.name), datasets },
      options: {
        interaction: { mode: "nearest", axis: "xy", intersect: false },
        scales: {
          x: { title: { display: true, text: "commit" } },
          y: { min: 0, title: { display: true, text: "% of FMA peak" } },
        },
        plugins: {
          legend: {
            onClick: () => {},
            labels: { generateLabels: () => shown.map((o) => ({
              text: o,
              fontColor: color("--text"),
              fillStyle: operatorColor({ operator: o }),
              strokeStyle: operatorColor({ operator: o }),
            })) },
          },
          tooltip: { callbacks: {
            title: ([item]) => [item.label, past[item.dataIndex].info.subject.slice(0, 40)],
            label: (item) => {
              const f = item.dataset.figures[item.dataIndex];
              const change = f.change ? `, ${f.change > 0 ? "+" : ""}${percent(f.change)} %` : "";
              return `${item.dataset.label}: ${percent(f.share)} % of peak${change}`;
            },
          } },
        },
      },
    });
    regressions(past);
    table("history", [
      ["layer", (row) => title(row.any)],
      ["operator", (row) => row.any.operator],
      ["engine", (row) => row.any.engine],
      ...past.map((r, i) => [`${r.name} % of peak`, (row) => {
        const f = row.found[i];
        return f ? percent(f.share) + (slower(f) ? " slower" : "") : undefined;
      }, true]),
    ], rows.map((row) => {
      const found = past.map((r) => find(r, row));
      return { found, any: found.find((f) => f) };
    }));
  }

  function regressions(past) {
    const list = past.flatMap((r, i) => r.figures
      .filter((f) => f.ours && fits(f) && f.change < 0)
      .map((f) => `${past[i].name}: ${title(f)} ${f.operator} ${f.engine}, ${percent(f.change)} %`));
    const text = past.length < 2
      ? "Only one run: nothing to compare it with."
      : !past.some((r) => r.judged) ? "No verdict: a comparison takes three forks of each run (-f 3)."
      : list.length === 0 ? "Nothing became slower." : `${list.length} became slower:`;
    const items = document.createElement("ul");
    list.forEach((line) => items.append(element("li", line, { class: "slower" })));
    byId("regressions").replaceChildren(element("p", text), ...(list.length > 0 ? [items] : []));
  }

  function machine() {
    const { info, peak, copy, figures } = run();
    const range = (q, unit) =>
      q.length > 0 ? `${q[1].toFixed(1)} ${unit} (quartiles ${q[0].toFixed(1)} to ${q[2].toFixed(1)})` : "not measured";
    const spread = figures.filter((f) => f.forks > 1).map((f) => f.forkSpread).sort((a, b) => a - b);
    const facts = {
      "Commit": `${info.commit || "unknown"}${info.dirty ? ", and changes on top" : ""}\n${info.subject}`,
      "Run": `${info.started || "unknown time"}, ${info.mode || "by JMH alone"}, ${info.threads} thread${info.threads > 1 ? "s" : ""}`,
      "CPU": info.cpu,
      "System": info.os || "unknown",
      "JDK": info.jdk,
      "Flags": info.flags || "none given",
      "Collector": info.collector,
      "Backend": info.backend || "unknown",
      "FMA peak": range(peak, "GFLOP/s"),
      "Copy bandwidth": range(copy, "GB/s"),
      "Spread over forks": spread.length > 0
        ? `median ${percent(spread[Math.floor(spread.length / 2)])} %, at most ${percent(spread.at(-1))} %`
        : "one fork a figure",
    };
    Object.entries(info.peers).sort().forEach(([name, text]) => (facts[name] = text));
    list("machine", facts);
  }

  function list(section, facts) {
    document.querySelector(`#${section} dl`).replaceChildren(
      ...Object.entries(facts).flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
  }

  // ---- start of a process -----------------------------------------------------------------------

  const STAGES = [
    ["first result", "firstMillis"],
    ["within twice the steady time", "withinTwiceMillis"],
    ["full speed", "fullSpeedMillis"],
  ];

  function start() {
    const { lanewise: info, jvms, starts: all, problems } =
      starts[Number(document.querySelector("#start-runs select").value)];
    const setup = document.querySelector("#setups input:checked").value;
    const found = all.filter((s) => s.setup === setup);
    const networks = unique(found.map((s) => s.network));
    const names = unique(found.map((s) => s.engine));
    const find = (network, engine) =>
      found.find((s) => s.network === network && s.engine === engine);
    // Each bar is a stack: what a stage adds to the one before.
    const datasets = names.flatMap((engine) => STAGES.map(([stage, name], i) => ({
      label: `${engine}: ${stage}`,
      stack: engine,
      stage: name,
      backgroundColor: engineColor(ENGINE_OF[engine]) + ["", "99", "4d"][i],
      figures: networks.map((network) => find(network, engine)),
      data: networks.map((network) => {
        const median = find(network, engine)?.median;
        const before = i > 0 ? median?.[STAGES[i - 1][1]] : 0;
        return median?.[name] === undefined ? null : median[name] - before;
      }),
      barPercentage: 0.95,
      categoryPercentage: 0.8,
    })));
    draw("start", 130 + networks.length * (12 + 18 * names.length), "Nothing was measured so.", {
      type: "bar",
      data: { labels: networks, datasets },
      options: {
        indexAxis: "y",
        interaction: { mode: "nearest", axis: "xy", intersect: false },
        scales: {
          x: { stacked: true, position: "top", min: 0, title: { display: true, text: "ms after the start" } },
          y: { stacked: true, grid: { display: false }, ticks: { autoSkip: false } },
        },
        plugins: { tooltip: { callbacks: { label: (item) => {
          const { stage, label, figures } = item.dataset;
          const { median, worst } = figures[item.dataIndex];
          return `${label} at ${median[stage].toFixed(0)} ms, worst ${worst[stage]?.toFixed(0) ?? "never"}`;
        } } } },
      },
    });
    startTable(found);
    document.getElementById("start-problems").replaceChildren(
      ...problems.map((line) => element("li", line)));
    list("start", {
      "Commit": `${info.commit || "unknown"}${info.dirty ? ", and changes on top" : ""}\n${info.subject}`,
      "Run": `${info.started}, ${jvms} JVM${jvms > 1 ? "s" : ""} of each network, engine and setup`,
      "CPU": info.cpu,
      "JDK": info.jdk,
      "Lanewise": info.backend,
      ...info.peers,
    });
  }

  const ENGINE_OF = { "Lanewise": "vector", "ONNX Runtime": "onnxruntime" };

  function startTable(found) {
    const cell = (name, digits, absent) => (s) => {
      const none = absent && !(name === "warmMillis" && s.engine !== "Lanewise") ? absent : undefined;
      const text = (x) => (x === undefined ? none ?? "-" : x.toFixed(digits));
      return s.median[name] === undefined ? none : `${text(s.median[name])} (${text(s.worst[name])})`;
    };
    table("start", [
      ["network", (s) => s.network],
      ["engine", (s) => s.engine],
      ["steady ms", cell("steadyMillis", 2), true],
      ["best ms", cell("bestMillis", 2), true],
      ["lottery", (s) => s.lottery.toFixed(2), true, (s) => s.lottery > LOTTERY],
      ["first result ms", cell("firstMillis", 0), true],
      ["x ORT", (s) => s.firstOverOnnxRuntime?.toFixed(2), true],
      ["within 2x ms", cell("withinTwiceMillis", 0, "never"), true],
      ["full speed ms", cell("fullSpeedMillis", 0, "never"), true],
      ["CPU s until then", cell("cpuSeconds", 2), true],
      ["isWarm() ms", cell("warmMillis", 0, "never"), true],
      ["slow run x", cell("slowRun", 1), true],
      ["resident MB", cell("residentMegabytes", 0), true],
    ], found);
  }

  /** Makes what chooses a run of starts and its setup. */
  function prepareStart() {
    byId("start").hidden = false;
    const select = document.querySelector("#start-runs select");
    starts.forEach(({ lanewise: info }, i) => select.append(element("option",
      `${info.commit.slice(0, 8)} ${info.started.slice(0, 16).replace("T", " ")} ${info.subject}`.slice(0, 70),
      { value: i })));
    select.value = String(starts.length - 1);
    byId("start-runs").hidden = starts.length < 2;
    unique(starts.flatMap((s) => s.starts.map((each) => each.setup))).forEach((setup, i) => {
      const label = element("label", "");
      const input = element("input", "", { type: "radio", name: "setup", value: setup });
      input.checked = i === 0;
      label.append(input, ` ${setup}`);
      byId("setups").append(label);
    });
    keys("start");
    byId("start").addEventListener("change", start);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", start);
    start();
  }

  // ---- the page -------------------------------------------------------------------------------

  function update() {
    const figures = run().figures.filter(fits);
    byId("shown").textContent = `${figures.length} of ${run().figures.length} figures shown.`;
    machine();
    speed(figures);
    roofline(figures);
    speedup(figures);
    history();
  }

  function box(parent, value, on, swatch) {
    const label = element("label", "");
    const input = element("input", "", { type: "checkbox", value });
    input.checked = on;
    label.append(input);
    if (swatch) {
      label.append(element("span", "", { class: "swatch", style: `background: var(${swatch})` }));
    }
    label.append(` ${value}`);
    byId(parent).append(label);
  }

  function prepareLayers() {
    runs.forEach((r, i) => byId("run").append(element("option",
      `${r.name} ${r.info.started.slice(0, 16).replace("T", " ")} ${r.info.collector} ${r.info.subject}`.slice(0, 70),
      { value: i })));
    byId("run").value = String(runs.length - 1);
    byId("network").append(element("option", "all", { value: "" }));
    unique(runs.flatMap((r) => r.figures.map((f) => f.network))).forEach((n) =>
      byId("network").append(element("option", n, { value: n })));
    OPERATORS.forEach((o) => box("operators", o, o !== "standard"));
    if (!runs.some((r) => r.figures.some((f) => f.operator !== "standard"))) {
      document.querySelectorAll("#operators input").forEach((input) => (input.checked = true));
    }
    engines().forEach((e) => box("engines", e, true, `--c${ENGINES.includes(e) ? ENGINES.indexOf(e) : 6}`));
    Object.keys({ speed, roofline, speedup, history }).forEach(keys);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("search").addEventListener("input", update);
    byId("filters").addEventListener("change", update);
    byId("speed").addEventListener("change", update);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update);
    update();
  }

  if (runs.length > 0) {
    prepareLayers();
  } else {
    document.querySelectorAll(".layers").forEach((part) => (part.hidden = true));
  }
  if (starts.length > 0) {
    prepareStart();
  }
})();
