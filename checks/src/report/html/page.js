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

  const filter = byId("filter");
  if (filter) {
    const [request, scenario, open, shown] = ["request", "scenario", "open", "shown"].map(byId);
    const apply = () => {
      const text = scenario.value.trim().toLowerCase();
      let number = 0;
      for (const section of document.querySelectorAll(".request")) {
        const isChosen = !request.value || section.dataset.request === request.value;
        let rows = 0;
        for (const row of section.querySelectorAll(".grid > tbody > tr")) {
          const words = row.querySelector("summary").textContent + " " + row.querySelector("code").textContent;
          const isShown = isChosen && words.toLowerCase().includes(text) && (!open.checked || row.dataset.open === "yes");
          row.hidden = !isShown;
          rows += isShown;
        }
        section.hidden = rows === 0;
        number += rows;
      }
      shown.textContent = number === 1 ? "1 row" : `${number} rows`;
    };
    filter.addEventListener("input", apply);
    filter.addEventListener("submit", event => event.preventDefault());
    // A link to what the filter hides shows it again.
    addEventListener("hashchange", () => {
      const target = document.querySelector(location.hash || "#overview");
      if (target && target.closest("[hidden]")) {
        filter.reset();
        apply();
        target.scrollIntoView();
      }
    });
    apply();
  }

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

  addEventListener("beforeprint", () => document.querySelectorAll("main > section > details, .columns > details")
    .forEach(details => { details.open = true; }));
})();
