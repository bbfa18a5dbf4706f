"use strict";
(() => {
  const film = JSON.parse(document.getElementById("film").textContent);
  const find = (id) => document.getElementById(id);
  const canvas = find("canvas");
  const layer = find("arrow-layer");
  const machine = find("machine");
  const heads = [...document.querySelectorAll(".head")];
  const rows = film.steps.map((step) => find(`row-${step.number}`));
  const chips = rows.map((row) => row.querySelector(".chip"));
  const memory = [...document.querySelectorAll("[data-object]")];
  // How many steps the page keys go at once.
  const PAGE = 10;
  let visible = [];
  let current = 0;

  function choose_visible() {
    const all = find("harness").checked;
    canvas.classList.toggle("with-harness", all);
    visible = film.steps.filter((step) => all || !step.is_quiet).map((step) => step.number - 1);
    find("slider").max = String(Math.max(0, visible.length - 1));
  }

  // The visible step that is nearest to a place and not after it, or else the first one.
  function nearest(place) {
    return visible.filter((index) => index <= place).pop() ?? visible[0] ?? 0;
  }

  function move_by(count) {
    const place = visible.indexOf(current) + count;
    go_to(visible[Math.min(Math.max(place, 0), visible.length - 1)], true);
  }

  function go_to(index, is_announced) {
    if (film.steps.length === 0) return;
    const had_focus = document.activeElement === chips[current];
    current = index;
    const step = film.steps[current];
    rows.forEach((row, place) => {
      row.classList.toggle("now", place === current);
      row.classList.toggle("future", place > current);
      if (place === current) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
      chips[place].tabIndex = place === current ? 0 : -1;
    });
    heads.forEach((head, lane) => head.classList.toggle("running", lane === step.lane));
    if (had_focus) chips[current].focus({ preventScroll: true });
    reveal(rows[current], is_announced);
    show_position(step);
    show_state(step);
    show_facts(step);
    show_memory();
    draw_arrows();
    if (is_announced) find("announcement").textContent = step.says;
    remember(step);
  }

  // Whoever steps looks at the step; whoever opens the page looks at its head, which stays where it is.
  function reveal(row, is_moving) {
    if (is_moving) row.scrollIntoView({ block: "nearest", inline: "nearest" });
    else find("stage").scrollTop = row.offsetTop - find("stage").clientHeight / 2;
  }

  function show_position(step) {
    const place = visible.indexOf(current);
    const text = `step ${step.number} of ${film.steps.length}`;
    find("slider").value = String(place);
    find("slider").setAttribute("aria-valuetext", step.says);
    find("position").textContent = text;
    find("step-title").textContent = text.replace("step", "Step");
    for (const id of ["first", "previous"]) disable(find(id), place <= 0);
    for (const id of ["next", "last"]) disable(find(id), place >= visible.length - 1);
  }

  // A button that really is disabled would lose the focus of whoever steps with it.
  function disable(button, is_disabled) {
    button.setAttribute("aria-disabled", String(is_disabled));
  }

  function group_of(state) {
    return state ? state.split(",")[0] : "";
  }

  // A system has no diagram: it says in words where its requests are.
  function show_state(step) {
    if (machine) show_in_diagram(step);
    find("state-words").classList.toggle("lost", !step.is_explained);
    find("state-words").textContent = step.state_words;
  }

  function show_in_diagram(step) {
    const [here, ...others] = step.states;
    const before = current > 0 ? film.steps[current - 1].states[0] : here;
    for (const node of machine.querySelectorAll("[data-state]")) {
      node.classList.toggle("here", node.dataset.state === here);
      node.classList.toggle("possible", others.includes(node.dataset.state));
    }
    for (const group of machine.querySelectorAll("[data-group]")) {
      group.classList.toggle("here", group.dataset.group === group_of(here));
    }
    const edge = `${group_of(before)}>${group_of(here)}`;
    for (const arrow of machine.querySelectorAll("[data-edge]")) {
      arrow.classList.toggle("lit", arrow.dataset.edge === edge);
    }
    machine.classList.toggle("lost", !step.is_explained);
  }

  function show_facts(step) {
    find("facts").replaceChildren(...step.facts.map((fact) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = fact.term;
      text.append(...breakable(fact.text));
      text.className = fact.look;
      row.append(term, text);
      return row;
    }));
  }

  // Paths may be broken after each folder.
  function breakable(text) {
    return text.split("/").flatMap((part, place) =>
      place === 0 ? [part] : ["/", document.createElement("wbr"), part]);
  }

  function show_memory() {
    for (const cell of memory) {
      const object = Number(cell.dataset.object);
      let value = film.atomics.find((atomic) => atomic.object === object).initial;
      let changed = false;
      film.steps.slice(0, current + 1).forEach((step, place) => {
        if (step.write?.object !== object) return;
        value = step.write.value;
        changed = place === current;
      });
      cell.textContent = value;
      cell.classList.toggle("changed", changed);
    }
  }

  function remember(step) {
    // Some browsers allow no history for files; the film goes on without.
    try { history.replaceState(null, "", `#step=${step.number}`); } catch { /* as said */ }
  }

  function follow_address() {
    const number = Number(/^#step=(\d+)$/.exec(location.hash)?.[1]);
    // Without a step in its address the page opens where the rule is broken.
    const start = film.violation ? nearest(film.violation - 1) : visible[0] ?? 0;
    go_to(number >= 1 && number <= film.steps.length ? nearest(number - 1) : start, false);
  }

  function make(name, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function tips() {
    const kinds = ["reads", "after", "both", "race"];
    const box = { viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9 };
    const definitions = make("defs", {});
    for (const kind of kinds) {
      const units = { markerUnits: "userSpaceOnUse", orient: "auto" };
      const tip = make("marker", { id: `tip-${kind}`, class: kind, ...box, ...units });
      tip.append(make("path", { d: "M0 0 8 4 0 8z" }));
      definitions.append(tip);
    }
    return definitions;
  }

  // An arrow leaves its source at the side, runs down between two lanes and enters its target from the side. In the
  // rows of source and target no other lane has anything, so that no arrow ever crosses a step.
  function route(arrow, origin, taken) {
    const [from, to] = [film.steps[arrow.from].lane, film.steps[arrow.to].lane];
    const is_leftward = to < from;
    const gutter = is_leftward ? from : from + 1;
    const source = chips[arrow.from].getBoundingClientRect();
    const target = chips[arrow.to].getBoundingClientRect();
    const track = free_track(taken, gutter, arrow);
    const start = gutter === 0 ? heads[0].getBoundingClientRect().left - 40 : heads[gutter - 1].getBoundingClientRect().right;
    const middle = start + 8 + (track % 5) * 6 - origin.left;
    const left = (is_leftward ? source.left : source.right) - origin.left;
    const right = (to > from ? target.left : target.right) - origin.left;
    const top = source.top + source.height * .66 - origin.top;
    const bottom = target.top + target.height * .5 - origin.top + (arrow.rank % 3) * 5 - 3 * Math.min(arrow.rank, 1);
    const bend = (edge) => Math.sign(edge - middle) * Math.min(5, Math.abs(edge - middle));
    const fall = Math.sign(bottom - top) * Math.min(5, Math.abs(bottom - top) / 2);
    return `M${left} ${top}H${middle + bend(left)}Q${middle} ${top} ${middle} ${top + fall}`
      + `V${bottom - fall}Q${middle} ${bottom} ${middle + bend(right)} ${bottom}H${right}`;
  }

  function free_track(taken, gutter, arrow) {
    for (let track = 0; ; track += 1) {
      const others = taken.filter((other) => other.gutter === gutter && other.track === track);
      if (others.every((other) => other.to < arrow.from || other.from > arrow.to)) {
        taken.push({ gutter, track, from: arrow.from, to: arrow.to });
        return track;
      }
    }
  }

  function arrows() {
    const seen = new Set(visible);
    const list = film.steps.flatMap((step, to) => step.arrows.map((arrow, rank) =>
      ({ from: arrow.from - 1, to, kind: arrow.kind, rank })));
    return list.filter(({ from, to, kind }) => seen.has(from) && seen.has(to)
      && (to === current || from === current || kind === "race"
        || (find("arrows").checked && to <= current && film.steps[from].lane !== film.steps[to].lane)))
      .sort((one, other) => (one.to - one.from) - (other.to - other.from));
  }

  // What led to the current step stands out; what it leads to is there to look ahead.
  function weight(arrow) {
    if (arrow.to === current) return "strong";
    return arrow.from === current ? "ahead" : "";
  }

  function draw_arrows() {
    const origin = canvas.getBoundingClientRect();
    layer.setAttribute("width", String(canvas.scrollWidth));
    layer.setAttribute("height", String(canvas.scrollHeight));
    const taken = [];
    const paths = arrows().map((arrow) => make("path", {
      class: `${arrow.kind} ${weight(arrow)}`,
      d: route(arrow, origin, taken),
      "marker-end": `url(#tip-${arrow.kind})`,
      "data-from": arrow.from + 1,
      "data-to": arrow.to + 1,
    }));
    layer.replaceChildren(tips(), ...paths);
  }

  function set_theme(is_dark) {
    document.documentElement.dataset.theme = is_dark ? "dark" : "light";
    find("theme").setAttribute("aria-pressed", String(is_dark));
  }

  const keys = {
    ArrowRight: () => move_by(1),
    ArrowDown: () => move_by(1),
    ArrowLeft: () => move_by(-1),
    ArrowUp: () => move_by(-1),
    PageDown: () => move_by(PAGE),
    PageUp: () => move_by(-PAGE),
    Home: () => move_by(-visible.length),
    End: () => move_by(visible.length),
  };
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    act();
  });
  find("first").addEventListener("click", keys.Home);
  find("previous").addEventListener("click", keys.ArrowLeft);
  find("next").addEventListener("click", keys.ArrowRight);
  find("last").addEventListener("click", keys.End);
  find("to-violation")?.addEventListener("click", () => go_to(nearest(film.violation - 1), true));
  find("slider").addEventListener("input", (event) => go_to(visible[Number(event.target.value)], true));
  find("steps").addEventListener("click", (event) => {
    const row = event.target.closest("[data-step]");
    if (row) go_to(Number(row.dataset.step) - 1, true);
  });
  find("arrows").addEventListener("change", draw_arrows);
  find("harness").addEventListener("change", () => { choose_visible(); go_to(nearest(current), false); });
  find("theme").addEventListener("click", () => set_theme(find("theme").getAttribute("aria-pressed") !== "true"));
  window.addEventListener("hashchange", follow_address);
  new ResizeObserver(draw_arrows).observe(canvas);
  set_theme(matchMedia("(prefers-color-scheme: dark)").matches);
  choose_visible();
  follow_address();
})();
