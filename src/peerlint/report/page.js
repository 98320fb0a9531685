"use strict";
// Filters by state and outcome, and unfolds everything for the printer. Without it all is shown.
// A page that replaces its content dispatches the event "replaced", and the filter begins anew.
(() => {
  const all = (query) => [...document.querySelectorAll(query)];
  const apply = (form) => {
    const on = { state: new Set(["-"]), label: new Set() };
    for (const box of form.querySelectorAll("input")) {
      if (box.checked) on[box.name].add(box.value);
    }
    const rows = all(".matrix [data-state], .verdict");
    for (const row of rows) row.hidden = !on.state.has(row.dataset.state);
    const causes = all("[data-label]");
    for (const cause of causes) {
      const states = cause.dataset.states.split(" ");
      cause.hidden = !(on.label.has(cause.dataset.label) && states.some((one) => on.state.has(one)));
    }
    const shown = (these) => `${these.filter((one) => !one.hidden).length} of ${these.length}`;
    const hides = [...rows, ...causes].some((one) => one.hidden);
    const lines = all(".verdict");
    form.querySelector("output").textContent = hides
      ? `Filtered: ${shown(lines)} prefixes, ${shown(causes)} causes are shown.`
      : "";
  };
  const start = () => {
    const form = document.getElementById("filter");
    form.hidden = false;
    form.addEventListener("change", () => apply(form));
    form.addEventListener("submit", (event) => event.preventDefault());
    apply(form);
  };
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });
  document.addEventListener("replaced", start);
  start();
})();
