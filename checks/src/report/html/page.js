"use strict";
(() => {
  const byId = id => document.getElementById(id);
  const theme = byId("theme");
  const isDark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
  });
  showTheme();

  // A link that leads into what is folded or filtered away shows it.
  const follow = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (filter && target.closest("[hidden]")) {
      filter.reset();
      apply();
    }
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  };

  const filter = byId("filter");
  const requests = [...document.querySelectorAll("details.request")];
  const programs = new Map([...document.querySelectorAll("details.scenario")]
    .map(scenario => ["#" + scenario.id, scenario.textContent.toLowerCase()]));
  const apply = () => {
    const text = byId("scenario").value.trim().toLowerCase();
    const isOpen = byId("open").checked;
    let number = 0;
    for (const request of requests) {
      let rows = 0;
      for (const row of request.querySelectorAll("tbody > tr")) {
        const words = programs.get(row.querySelector("a").hash);
        const isShown = (!text || words.includes(text)) && (!isOpen || "open" in row.dataset);
        row.hidden = !isShown;
        rows += isShown;
      }
      request.hidden = rows === 0;
      request.open = rows > 0 && (requests.length === 1 || Boolean(text) || isOpen);
      number += rows;
    }
    byId("shown").textContent = number === 1 ? "1 row" : `${number} rows`;
  };
  if (filter) {
    filter.addEventListener("input", apply);
    filter.addEventListener("submit", event => event.preventDefault());
    apply();
  }
  addEventListener("hashchange", follow);
  follow();

  const reached = byId("reached");
  if (reached) {
    const nodes = [...document.querySelectorAll(".node")];
    const any = nodes.map(node => node.classList.contains("seen"));
    reached.addEventListener("change", () => {
      const states = reached.value.split("|");
      nodes.forEach((node, place) =>
        node.classList.toggle("seen", reached.value ? states.includes(node.dataset.state) : any[place]));
    });
  }

  addEventListener("beforeprint", () => document.querySelectorAll(".engine, .columns > details")
    .forEach(details => { details.open = true; }));
})();
