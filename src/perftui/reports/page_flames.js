"use strict";
// The flames: one tree of both sides, laid out by what a width stands for, drawn on canvases that share one selection.

const ROW = 19, MOST_ROWS = 30, THIN = 1.5, LEAST = 24;
const FONT = '12px ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace';
const WIDTHS = { larger: "larger side", baseline: "baseline", current: "current", change: "change" };
const VIEWS = { differential: ["differential"], sides: ["baseline", "current"], all: ["differential", "baseline", "current"] };

class Tree {
  constructor(data) {
    this.data = data;
    this.size = data.parent.length;
    this.own = data.name.length;
    this.totals = { baseline: this.sums(data.baseline), current: this.sums(data.current) };
    this.known = new Map();
    this.children = this.ordered(this.widths("larger", false));
  }

  // Parents have smaller numbers than what is below them.
  sums(own) {
    const total = Float64Array.from(own);
    for (let node = this.size - 1; node > 0; node--) total[this.data.parent[node]] += total[node];
    return total;
  }

  ordered(width) {
    const below = Array.from({ length: this.size }, () => []);
    for (let node = 1; node < this.size; node++) below[this.data.parent[node]].push(node);
    for (const nodes of below) nodes.sort((a, b) => (a >= this.own) - (b >= this.own) || width[b] - width[a] || a - b);
    return below;
  }

  scales(share) {
    return share ? [1 / (this.totals.baseline[0] || 1), 1 / (this.totals.current[0] || 1)] : [1, 1];
  }

  widths(kind, share) {
    const key = `${kind} ${share}`;
    if (!this.known.has(key)) this.known.set(key, this.sums(this.ownWidths(kind, share)));
    return this.known.get(key);
  }

  ownWidths(kind, share) {
    const [before, after] = this.scales(share);
    const { baseline, current, rests } = this.data;
    return baseline.map((weight, node) => {
      const left = weight * before, right = current[node] * after;
      if (kind === "baseline") return left;
      if (kind === "current") return right;
      if (kind === "change") return Math.abs(right - left);
      return node < this.own ? Math.max(left, right) : rests[node - this.own][share ? 2 : 1];
    });
  }

  isRest(node) { return node >= this.own; }

  verdict(node) { return this.isRest(node) ? "i" : this.data.verdict[node]; }

  path(node) {
    const nodes = [];
    for (; node > 0; node = this.data.parent[node]) nodes.unshift(node);
    return nodes;
  }
}

// Boxes of the rows below a node: what is thinner than a pixel is one box with what stands beside it.
function layOut(tree, width, zoom, room) {
  const rows = [[{ node: zoom, x: 0, width: room }]];
  while (rows.length < MOST_ROWS) {
    const next = [];
    for (const box of rows[rows.length - 1]) if (!box.thin) next.push(...inside(tree, width, box));
    if (!next.length) break;
    // Nobody can read what has no box of some width.
    if (!next.some((box) => box.width >= LEAST)) return { rows, more: true };
    rows.push(next);
  }
  return { rows, more: rows.length === MOST_ROWS };
}

function inside(tree, width, box) {
  const whole = width[box.node], boxes = [];
  if (!(whole > 0)) return boxes;
  let x = box.x, thin = 0, count = 0;
  for (const node of tree.children[box.node]) {
    const room = (box.width * width[node]) / whole;
    if (room >= THIN) { boxes.push({ node, x, width: room }); x += room; }
    else if (room > 0) { thin += room; count++; }
  }
  if (thin > 0.2) boxes.push({ node: box.node, x, width: Math.max(1, thin), thin: count });
  return boxes;
}

class Pane {
  constructor(kind, onPick, onHover) {
    this.kind = kind;
    this.element = make("div", null, "pane");
    this.title = this.element.appendChild(make("div"));
    this.canvas = this.element.appendChild(document.createElement("canvas"));
    this.rows = [];
    this.canvas.addEventListener("click", (event) => { const box = this.at(event); if (box) onPick(box); });
    this.canvas.addEventListener("mousemove", (event) => onHover(this.at(event), event));
    this.canvas.addEventListener("mouseleave", () => onHover(null));
  }

  at(event) {
    const edge = this.canvas.getBoundingClientRect();
    const x = event.clientX - edge.left, row = this.rows[Math.floor((event.clientY - edge.top) / ROW)] || [];
    return row.find((box) => box.x <= x && x < box.x + box.width);
  }

  draw(tree, names, words, state) {
    const width = tree.widths(this.kind === "differential" ? state.width : this.kind, state.share);
    const room = this.element.clientWidth, dots = window.devicePixelRatio || 1;
    const laid = layOut(tree, width, state.zoom, room);
    this.rows = laid.rows;
    const height = ROW * this.rows.length;
    this.canvas.width = Math.round(room * dots);
    this.canvas.height = Math.round(height * dots);
    this.canvas.style.height = `${height}px`;
    const pen = this.canvas.getContext("2d");
    pen.scale(dots, dots);
    pen.font = FONT;
    pen.textBaseline = "middle";
    const letter = pen.measureText("0").width, colours = palette();
    this.rows.forEach((boxes, depth) => {
      for (const box of boxes) drawBox(pen, box, depth * ROW, { tree, names, words, state, letter, colours });
    });
    const more = laid.more ? " · more below: zoom in" : "";
    this.title.textContent = `${this.caption(tree, state, width)}${more}`;
  }

  caption(tree, state, width) {
    const whole = width[0] > 0 ? `, ${percent((100 * width[state.zoom]) / width[0])} of the whole` : "";
    const what = this.kind === "differential" ? `differential, as wide as: ${WIDTHS[state.width]}` : this.kind;
    return `${what}${state.zoom ? whole : ""}`;
  }
}

function drawBox(pen, box, y, about) {
  const { tree, colours, state } = about, rest = box.thin || tree.isRest(box.node);
  const verdict = rest ? "i" : tree.verdict(box.node);
  pen.fillStyle = rest ? colours.stripe : colourOf(tree, box.node, verdict, state, colours);
  pen.fillRect(box.x, y, Math.max(0.6, box.width - 0.6), ROW - 1);
  if (!rest && state.matches.has(box.node)) {
    pen.fillStyle = colours.mark;
    pen.fillRect(box.x, y + ROW - 4, Math.max(1, box.width - 0.6), 3);
  }
  if (!rest && state.selected === box.node) {
    pen.strokeStyle = colours.chosen;
    pen.lineWidth = 2;
    pen.strokeRect(box.x + 1, y + 1, Math.max(1, box.width - 2.6), ROW - 3);
  }
  drawLabel(pen, box, y, verdict, about);
}

function drawLabel(pen, box, y, verdict, { tree, names, words, letter, colours }) {
  const most = Math.floor((box.width - 9) / letter);
  if (most < 2) return;
  let text;
  if (box.thin) text = `+${box.thin}`;
  else if (tree.isRest(box.node)) text = `+${tree.data.rests[box.node - tree.own][0]} small`;
  else text = (verdict === "w" ? "" : `${words[verdict][0]} `) + labelOf(tree, box.node, names);
  const letters = Array.from(text);
  if (letters.length > most) text = most < 4 ? letters.slice(0, most).join("") : `${letters.slice(0, most - 1).join("")}…`;
  pen.save();
  pen.beginPath();
  pen.rect(box.x, y, box.width - 2, ROW);
  pen.clip();
  pen.fillStyle = colours.text;
  pen.fillText(text, box.x + 6, y + ROW / 2);
  pen.restore();
}

function labelOf(tree, node, names) { return node ? names[tree.data.name[node]][0] : "everything"; }

function colourOf(tree, node, verdict, state, colours) {
  const tone = { s: "worse", a: "worse", f: "better", v: "better" }[verdict];
  if (!tone) return colours.same;
  const [before, after] = tree.scales(state.share);
  const left = tree.totals.baseline[node] * before, right = tree.totals.current[node] * after;
  const part = Math.abs(right - left) / (Math.max(left, right) || 1);
  return colours[`${tone}${part < 0.15 ? 1 : part < 0.4 ? 2 : 3}`];
}

function palette() {
  const style = getComputedStyle(document.documentElement), of = (name) => style.getPropertyValue(`--${name}`);
  const found = { same: of("same"), stripe: of("stripe"), text: of("flame-text"), mark: of("mark"), chosen: of("chosen") };
  for (const tone of ["worse", "better"]) for (const step of [1, 2, 3]) found[`${tone}${step}`] = of(`${tone}-${step}`);
  return found;
}

class Flames {
  constructor(onSelect) {
    this.onSelect = onSelect;
    this.view = "differential";
    this.panes = Object.fromEntries(VIEWS.all.map((kind) => [kind, new Pane(kind, (box) => this.pick(box), hover)]));
    byId("panes").append(...Object.values(this.panes).map((pane) => pane.element));
    byId("panes").addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(byId("panes"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.setUpControls();
  }

  setUpControls() {
    choice("views", { differential: "differential", sides: "both sides", all: "all three" }, this.view, (view) => this.look(view));
    for (const [value, text] of Object.entries(WIDTHS)) byId("width").append(new Option(text, value));
    byId("width").addEventListener("change", () => { this.state.width = byId("width").value; this.draw(); });
    byId("scale").addEventListener("change", () => { this.state.share = byId("scale").value === "share"; this.draw(); });
    byId("reset").addEventListener("click", () => this.zoom(0));
    byId("search").addEventListener("input", () => this.search(byId("search").value));
    byId("search").addEventListener("keydown", (event) => {
      if (event.key === "Enter") { this.nextMatch(event.shiftKey ? -1 : 1); byId("panes").focus(); }
      if (event.key === "Escape") { byId("search").value = ""; this.search(""); byId("panes").focus(); }
    });
  }

  show(lens) {
    this.lens = lens;
    byId("flames").hidden = !lens.tree;
    if (!lens.tree) return;
    this.tree = new Tree(lens.tree);
    this.state = { zoom: 0, selected: 0, width: "larger", share: lens.mode === "share", matches: new Set() };
    byId("scale").replaceChildren(new Option(`absolute (${UNITS[lens.unit] || lens.unit})`, "absolute"), new Option("share of each side", "share"));
    byId("scale").value = lens.mode;
    byId("width").value = "larger";
    byId("pruned").textContent = lens.tree.left_out
      ? `${count(lens.tree.left_out)} of ${count(lens.tree.nodes)} paths are too light to be drawn here: they are the boxes called “+k small”, and their time is in the sums.`
      : "";
    this.search(byId("search").value);
  }

  look(view) { this.view = view; this.draw(); }

  draw() {
    if (!this.tree || byId("flames").hidden) return;
    for (const [kind, pane] of Object.entries(this.panes)) {
      pane.element.hidden = !VIEWS[this.view].includes(kind);
      if (!pane.element.hidden) pane.draw(this.tree, this.lens.names, this.lens.words, this.state);
    }
    const path = byId("path");
    path.replaceChildren("zoom: ");
    for (const node of [0, ...this.tree.path(this.state.zoom)]) {
      if (node) path.append("›");
      const step = path.appendChild(make("button", labelOf(this.tree, node, this.lens.names)));
      step.type = "button";
      step.addEventListener("click", () => this.zoom(node));
    }
    path.hidden = !this.state.zoom;
    byId("selected").replaceChildren(...describe(this.tree, this.state.selected, this.lens));
  }

  pick(box) {
    byId("panes").focus({ preventScroll: true });
    if (box.thin || this.tree.isRest(box.node)) return;
    if (this.state.selected === box.node) this.zoom(box.node === this.state.zoom ? this.tree.data.parent[box.node] : box.node);
    else this.select(box.node);
  }

  select(node) {
    this.state.selected = Math.max(0, node);
    this.draw();
    this.onSelect(node ? this.tree.data.name[node] : -1);
  }

  zoom(node) {
    this.state.zoom = Math.max(0, node);
    this.draw();
  }

  // The heaviest path of a function.
  selectFunction(name) {
    if (!this.tree) return;
    const width = this.tree.widths(this.state.width, this.state.share);
    let best = -1;
    for (let node = 1; node < this.tree.own; node++)
      if (this.tree.data.name[node] === name && (best < 0 || width[node] > width[best])) best = node;
    if (best < 0) return;
    if (!this.tree.path(best).includes(this.state.zoom)) this.state.zoom = 0;
    this.state.selected = best;
    this.draw();
  }

  search(words) {
    const wanted = words.trim().toLowerCase(), { names, files } = this.lens, { matches } = this.state;
    matches.clear();
    if (wanted) for (let node = 1; node < this.tree.own; node++) {
      const [name, file] = names[this.tree.data.name[node]];
      if (name.toLowerCase().includes(wanted) || files[file].toLowerCase().includes(wanted)) matches.add(node);
    }
    byId("found").textContent = wanted ? `${count(matches.size)} paths` : "";
    this.draw();
    filterTable(wanted);
  }

  nextMatch(step) {
    const found = [...this.state.matches].sort((a, b) => a - b);
    if (!found.length) return;
    const at = found.indexOf(this.state.selected);
    this.select(found[at < 0 ? 0 : (at + step + found.length) % found.length]);
  }

  beside(step) {
    const { parent } = this.tree.data, above = parent[this.state.selected];
    if (above < 0) return;
    const nodes = this.tree.children[above].filter((node) => !this.tree.isRest(node));
    const next = nodes[nodes.indexOf(this.state.selected) + step];
    if (next !== undefined) this.select(next);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.tree) return;
    const { state, tree } = this, doing = {
      ArrowUp: () => this.select(tree.data.parent[state.selected]),
      ArrowDown: () => { const [first] = tree.children[state.selected]; if (first !== undefined && !tree.isRest(first)) this.select(first); },
      ArrowLeft: () => this.beside(-1),
      ArrowRight: () => this.beside(1),
      Enter: () => this.zoom(state.selected),
      Backspace: () => this.zoom(tree.data.parent[state.zoom]),
      Escape: () => this.zoom(0),
      n: () => this.nextMatch(1),
      N: () => this.nextMatch(-1),
      v: () => press("views"),
      w: () => turn("width"),
      s: () => turn("scale"),
    }[event.key];
    if (!doing) return;
    event.preventDefault();
    doing();
  }
}

function describe(tree, node, lens) {
  const name = node ? lens.names[tree.data.name[node]] : null;
  const [before, after] = [tree.totals.baseline[node], tree.totals.current[node]];
  const change = before > 0 && after > 0 ? `, ${signed(100 * (after / before - 1), 0)} %` : "";
  const delta = after - before, shares = [before / (tree.totals.baseline[0] || 1), after / (tree.totals.current[0] || 1)];
  const [mark, word] = lens.words[tree.verdict(node)];
  const own = [tree.data.baseline[node], tree.data.current[node]].map((weight) => value(weight, lens.unit));
  const sums = `total ${value(before, lens.unit)} → ${value(after, lens.unit)} (${delta > 0 ? "+" : ""}${value(delta, lens.unit)}${change})`;
  const [left, right] = tree.data.counts.map((column) => count(column[node]));
  const counted = `${left} and ${right} ${lens.counted}`;
  const facts = [...(node ? [`${mark} ${word}`] : []), sums, `${shares.map((part) => percent(100 * part)).join(" → ")} of each side`, `self ${own.join(" → ")}`, counted];
  const title = make("code", name ? name[0] : "everything"), place = name && lens.files[name[1]];
  return [title, ...(place ? [make("span", `  ${place}`, "quiet")] : []), make("div", facts.join(" · "))];
}

function hover(box, event) {
  const { tree, lens } = flames;
  if (!box || box.thin !== undefined || tree.isRest(box.node)) byId("tip").hidden = true;
  else showTip(describe(tree, box.node, lens), event);
}
