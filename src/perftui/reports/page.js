// Everything that is shown is put in as text: names come from outside.

const report = JSON.parse(document.getElementById("report").textContent);
const UNITS = { s: "seconds" };
const GROUPS = {
  all: ["all", "sfwiav"], clear: ["clear", "sfav"], slower: ["slower, new", "sa"], faster: ["faster, gone", "fv"],
  inconclusive: ["inconclusive", "i"], noise: ["within noise", "w"],
};
const PAGE = 40;

function byId(id) { return document.getElementById(id); }

function make(tag, text = null, className = "") {
  const element = document.createElement(tag);
  if (text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
}

// Numbers, with the digits that perftui's own formatter gives them.

function threeDigits(number) { return number.toFixed(number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2); }

function percent(number) { return `${number.toFixed(Math.abs(number) >= 99.95 ? 0 : 1)} %`; }

function count(number) { return String(number).replace(/\B(?=(\d{3})+$)/g, ","); }

function signed(number, digits) { return `${number > 0 ? "+" : ""}${number.toFixed(digits)}`; }

function value(number, unit) {
  const sign = number < 0 ? "-" : "", size = Math.abs(number);
  if (unit === "s") return sign + seconds(size);
  if (unit === "bytes") return sign + bytes(size);
  if (unit === "%") return percent(number);
  if (unit === "s/s") return `${number.toFixed(2)} s/s`;
  return `${sign}${size >= 100 || Number.isInteger(size) ? count(Math.round(size)) : threeDigits(size)}${unit === "samples" ? " samples" : ""}`;
}

function seconds(size) {
  if (size === 0) return "0 s";
  if (size < 0.0009995) return `${threeDigits(size * 1e6)} µs`;
  if (size < 0.9995) return `${threeDigits(size * 1e3)} ms`;
  if (size < 99.95) return `${threeDigits(size)} s`;
  const whole = Math.round(size), two = (number) => String(number).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

function bytes(size) {
  for (const [step, name] of [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]])
    if (size >= step * 0.9995) return `${threeDigits(size / step)} ${name}`;
  return `${size.toFixed(0)} B`;
}

// Controls.

function choice(id, options, chosen, onChoose) {
  const buttons = Object.entries(options).map(([key, text]) => {
    const button = make("button", text);
    button.type = "button";
    button.setAttribute("aria-pressed", String(key === chosen));
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      onChoose(key);
    });
    return button;
  });
  byId(id).replaceChildren(...buttons);
}

function press(id) {
  const buttons = [...byId(id).children];
  buttons[(buttons.findIndex((one) => one.getAttribute("aria-pressed") === "true") + 1) % buttons.length].click();
}

function turn(id) {
  const list = byId(id);
  list.selectedIndex = (list.selectedIndex + 1) % list.options.length;
  list.dispatchEvent(new Event("change"));
}

// The head of the page.

function toneOf(code) { return { s: "worse", a: "worse", f: "better", v: "better" }[code] || ""; }

function showHead() {
  const [before, after] = report.sides;
  byId("title").textContent = `${before.name} → ${after.name}`;
  byId("sides").replaceChildren(...report.sides.map((side) => {
    const card = make("div");
    card.append(make("strong", `${side.word}: ${side.name}`), side.count > 1 ? ` ×${side.count}` : "");
    const commit = side.commit ? `, commit ${side.commit}` : "";
    card.append(make("div", `${side.made}${side.length ? `, ${side.length}` : ""}${side.length && side.count > 1 ? " each" : ""}${commit}`, "quiet"));
    return card;
  }));
  byId("remarks").replaceChildren(...report.remarks.map((remark) => make("li", remark)), ...report.deciding.map((command) => make("li", `more runs: ${command}`)));
  byId("made").textContent = `Made by ${report.tool}.`;
}

function showLens(lens) {
  byId("total").replaceChildren(...lens.totals.map((total) => {
    const [mark, word] = lens.words[total.verdict], line = make("div");
    line.append(`${total.name}: `, make("span", `${mark} ${word}`, toneOf(total.verdict)), ` ${total.text}`);
    if (total.doubt) line.append(make("div", total.doubt, "quiet"));
    return line;
  }));
  const what = lens.mode === "share" ? "share of each side" : "absolute, a run each";
  byId("mode").textContent = `Compared by: ${what}${lens.why ? ` (${lens.why})` : ""}. Functions: ${lens.summary}.${lens.beyond ? ` ${lens.beyond[0].toUpperCase()}${lens.beyond.slice(1)}.` : ""}`;
  flames.show(lens);
  table.show(lens);
}

// The table of functions.

const NAMED = 1;
const COLUMNS = [
  { title: "verdict", left: true, order: (row) => row.rank },
  { title: "function", left: true, order: (row, lens) => lens.names[row.name][0].toLowerCase() },
  { title: "baseline", text: 0, order: (row, lens) => row.numbers[lens.mode === "share" ? 2 : 0] },
  { title: "current", text: 1, order: (row, lens) => row.numbers[lens.mode === "share" ? 3 : 1] },
  { title: "Δ self", text: 2, order: (row, lens) => { const [a, b] = lens.mode === "share" ? [2, 3] : [0, 1]; return row.numbers[b] - row.numbers[a]; } },
  { title: "change (95 %)", text: 3, order: (row) => row.numbers[9] },
  { title: "p", text: 4, order: (row) => row.numbers[10] },
  { title: "q", text: 5, order: (row) => row.numbers[11] },
  { title: "samples", text: 6, order: (row) => row.numbers[6] + row.numbers[7] },
  { title: "self share", text: 7, order: (row) => Math.max(row.numbers[2], row.numbers[3]) },
  { title: "total", text: 8, order: (row) => Math.max(row.numbers[4], row.numbers[5]) },
  { title: "shows", text: 9, order: (row) => row.numbers[12] },
];

class Table {
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.wanted = "";
    byId("more").addEventListener("click", () => { this.limit += 5 * PAGE; this.draw(); });
  }

  show(lens) {
    Object.assign(this, { lens, group: "all", column: 0, falling: false, limit: PAGE, chosen: -1 });
    lens.rows.forEach((row, rank) => { row.rank = rank; });
    const held = (codes) => lens.rows.filter((row) => codes.includes(row.verdict)).length;
    const options = Object.entries(GROUPS).filter(([key, [, codes]]) => key === "all" || held(codes));
    choice("shown", Object.fromEntries(options.map(([key, [text, codes]]) => [key, `${text} ${held(codes)}`])), "all", (key) => {
      this.group = key;
      this.limit = PAGE;
      this.draw();
    });
    this.draw();
  }

  rows() {
    const { lens } = this, [, codes] = GROUPS[this.group], { order } = COLUMNS[this.column];
    const wanted = (row) => {
      const [name, file] = lens.names[row.name];
      return !this.wanted || name.toLowerCase().includes(this.wanted) || lens.files[file].toLowerCase().includes(this.wanted);
    };
    const rows = lens.rows.filter((row) => codes.includes(row.verdict) && wanted(row));
    const known = (one) => one !== null && one !== undefined;
    return rows.sort((one, other) => {
      const a = order(one, lens), b = order(other, lens);
      // What is not known stands last in either direction.
      if (!known(a) || !known(b)) return known(b) - known(a) || one.rank - other.rank;
      return (a < b ? -1 : a > b ? 1 : 0) * (this.falling ? -1 : 1) || one.rank - other.rank;
    });
  }

  draw() {
    const columns = COLUMNS.map((column, at) => ({ ...column, at })).filter((column) => column.text === undefined || this.lens.rows.some((row) => row.texts[column.text]));
    const [head, body] = [document.querySelector("#table thead"), document.querySelector("#table tbody")];
    head.replaceChildren(this.heading(columns));
    const rows = this.rows();
    body.replaceChildren(...rows.slice(0, this.limit).map((row) => this.line(row, columns)));
    byId("more").hidden = rows.length <= this.limit;
    byId("more").textContent = `show more (${count(rows.length - this.limit)} left)`;
    const left = this.lens.rows_left_out ? `; ${count(this.lens.rows_left_out)} more with the least to say are left out` : "";
    byId("counted").textContent = `${count(Math.min(rows.length, this.limit))} of ${count(rows.length)} shown${left}`;
  }

  heading(columns) {
    const line = make("tr");
    for (const { title, left, at } of columns) {
      const cell = line.appendChild(make("th", null, left ? "left" : "")), sorted = at === this.column;
      const shown = title === "samples" ? this.lens.counted : title;
      const button = cell.appendChild(make("button", sorted ? `${this.falling ? "▾" : "▴"} ${shown}` : shown));
      button.type = "button";
      cell.setAttribute("aria-sort", sorted ? (this.falling ? "descending" : "ascending") : "none");
      button.addEventListener("click", () => this.sort(at));
    }
    return line;
  }

  sort(at) {
    // Numbers are asked for with the greatest first, ranks and names with the first.
    this.falling = at === this.column ? !this.falling : at > NAMED;
    this.column = at;
    this.draw();
  }

  line(row, columns) {
    const { lens } = this, line = make("tr", null, row.name === this.chosen ? "chosen" : "");
    const [mark, word] = lens.words[row.verdict];
    for (const { at, text } of columns) {
      if (at === 0) line.append(make("td", `${mark} ${word}`, `left ${toneOf(row.verdict)}`));
      else if (at === NAMED) line.append(this.nameCell(row));
      else line.append(make("td", row.texts[text], at === 4 ? toneOf(row.verdict) : ""));
    }
    line.addEventListener("click", () => { this.choose(row.name); this.onChoose(row.name); });
    return line;
  }

  nameCell(row) {
    const [name, file] = this.lens.names[row.name], cell = make("td", null, "left name");
    cell.append(make("code", name));
    if (this.lens.files[file]) cell.append(make("span", this.lens.files[file], "file"));
    if (row.told) cell.append(make("span", row.told, "told"));
    return cell;
  }

  choose(name) {
    this.chosen = name;
    this.draw();
  }
}

function filterTable(wanted) {
  table.wanted = wanted;
  if (table.lens) table.draw();
}

// What stands below.

function fill(section, headings, rows, left = [0]) {
  const area = byId(section), line = make("tr");
  area.hidden = !rows.length;
  headings.forEach((heading, at) => line.append(make("th", heading, left.includes(at) ? "left" : "")));
  area.querySelector("thead").replaceChildren(line);
  area.querySelector("tbody").replaceChildren(...rows.map((cells) => {
    const row = make("tr");
    cells.forEach((cell, at) => row.append(make("td", cell, left.includes(at) ? "left wraps" : "")));
    return row;
  }));
}

function showSurroundings() {
  fill("meters", ["", "mean, baseline", "mean, current", "peak, baseline", "peak, current"], report.meters);
  fill("budgets", ["", "baseline", "current"], report.budgets, [0, 1, 2]);
  const ranked = [...report.conditions].sort((one, other) => one[3] - other[3] || other[4] - one[4]);
  const word = (same, matters) => (same ? "the same" : matters ? "▲ differs, and matters" : "differs");
  fill("conditions", ["condition", "baseline", "current", ""], ranked.map(([name, a, b, same, matters]) => [name, a || "not known", b || "not known", word(same, matters)]), [0, 1, 2, 3]);
  const differing = report.conditions.filter((one) => !one[3]);
  byId("told").replaceChildren(...report.conditions.filter((one) => one[4]).map((one) => make("li", one[5])));
  byId("differing").textContent = differing.length ? `${differing.length} of ${report.conditions.length} differ, ${differing.filter((one) => one[4]).length} of them matter` : "all the same";
  const runs = report.sides.flatMap((side) => side.runs.map((run) => [side.word, ...run]));
  fill("runs", ["side", "id", "name", "made", "wall time", "CPU time"], runs, [0, 1, 2, 3]);
}

function showCurves() {
  byId("times").hidden = !report.curves.length;
  byId("curves").replaceChildren(...report.curves.map((curve) => {
    const figure = make("figure"), caption = make("figcaption");
    caption.append(make("strong", curve.label), make("span", `top ${curve.highest_text} · ${curve.length_text}`, "quiet"));
    const length = Math.max(...curve.sides.map((side) => side.length), 2);
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.setAttribute("viewBox", "0 0 1000 100");
    picture.setAttribute("preserveAspectRatio", "none");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", `${curve.label} of both sides over ${curve.length_text}, at most ${curve.highest_text}`);
    curve.sides.forEach((side, at) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("class", at ? "after" : "before");
      path.setAttribute("d", strokes(side, length, curve.highest || 1));
      picture.append(path);
    });
    picture.addEventListener("mousemove", (event) => tellMoment(curve, length, picture, event));
    picture.addEventListener("mouseleave", () => { byId("tip").hidden = true; });
    figure.append(caption, picture);
    return figure;
  }));
}

function tellMoment(curve, length, picture, event) {
  const edge = picture.getBoundingClientRect();
  const at = Math.max(0, Math.min(length - 1, Math.round(((event.clientX - edge.left) / edge.width) * (length - 1))));
  const said = curve.sides.map((side) => (side[at] === null || side[at] === undefined ? "nothing" : value(side[at], curve.unit)));
  showTip([make("strong", curve.label), `  at ${seconds(at * curve.step_s)}`, make("div", `baseline ${said[0]}, current ${said[1]}`)], event);
}

function showTip(parts, event) {
  const tip = byId("tip");
  tip.hidden = false;
  tip.replaceChildren(...parts);
  const { width, height } = tip.getBoundingClientRect();
  const x = Math.min(event.clientX + 14, innerWidth - width - 8), y = event.clientY + 18;
  tip.style.transform = `translate(${Math.max(4, x)}px, ${y + height > innerHeight ? event.clientY - height - 12 : y}px)`;
}

// Where nothing was measured the line has a gap.
function strokes(values, length, highest) {
  let text = "", drawing = false;
  values.forEach((one, at) => {
    if (one === null) { drawing = false; return; }
    const x = ((1000 * at) / (length - 1)).toFixed(1), y = (97 - (94 * one) / highest).toFixed(1);
    text += drawing ? `L${x} ${y}` : `M${x} ${y}l0.1 0`;
    drawing = true;
  });
  return text;
}

const table = new Table((name) => flames.selectFunction(name));
const flames = new Flames((name) => table.choose(name));
showHead();
showSurroundings();
showCurves();
if (report.lenses.length > 1)
  choice("lenses", Object.fromEntries(report.lenses.map((lens, at) => [at, lens.name])), "0", (at) => showLens(report.lenses[at]));
showLens(report.lenses[0]);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, select")) return;
  event.preventDefault();
  byId("search").focus();
});
