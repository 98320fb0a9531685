"use strict";
// Keeps the page current: the server says when it has changed, and the page is fetched again.
// Without this script it reloads itself.
(() => {
  const PATIENCE = 45e3; // the server says something every 15 s
  const REFRESH = 60e3; // durations on the page grow, even if nothing else changes
  const PAUSE = 1e3;
  const live = document.getElementById("live");
  let stream = null;
  let heard = Date.now();
  let mark = document.getElementById("page").dataset.mark;
  let isWanted = false;
  let isBusy = false;
  let fetched = Date.now();

  const clock = () => `${new Date(heard).toISOString().slice(11, 19)} UTC`;
  const say = (kind, text) => {
    live.className = kind;
    if (live.textContent !== text) live.textContent = text;
    live.hidden = false;
  };
  const isLive = () => {
    heard = Date.now();
    say("", "Live: the page changes by itself.");
  };
  const isLost = () => {
    say("lost", `Not current: nothing was heard from peerlint since ${clock()}. See whether it runs. This page goes on by itself.`);
  };

  // -- what a reader has done to the page is kept

  const heading = (one) => {
    const block = one.closest("article, section, main");
    return block.id.startsWith("alert-") ? block.id : block.querySelector("h1, h2, h3")?.textContent;
  };
  const nameOf = (one) => {
    const name = one.querySelector(":scope > summary > b") ?? one.querySelector(":scope > summary");
    return `${heading(one)} / ${name.textContent.replace(/[0-9,]+(?= |$)/g, "")}`;
  };
  const folds = () => new Map([...document.querySelectorAll("details")].map((one) => [nameOf(one), one]));
  const scrolls = () => new Map([...document.querySelectorAll(".scroll")].map((one) => [heading(one), one]));
  const boxes = () => new Map([...document.querySelectorAll("#filter input")].map((one) => [one.name + one.value, one]));
  const targets = () => [...document.querySelectorAll("main section, main article, main details, main tr")];
  const textOf = (one) => (one.matches("details") ? nameOf(one) : one.id || one.querySelector("h2, h3, th")?.textContent);
  // What is at the top of the window stays there, whatever changes above it.
  const anchorOf = () => {
    if (scrollY === 0) return null;
    const isAbove = (one) => one.checkVisibility() && one.getBoundingClientRect().top <= 8;
    const first = targets().findLast((one) => isAbove(one) && textOf(one));
    return first && { text: textOf(first), kind: first.tagName, top: first.getBoundingClientRect().top };
  };

  const replace = (next) => {
    const state = {
      open: new Map([...folds()].map(([name, one]) => [name, one.open])),
      left: new Map([...scrolls()].map(([name, one]) => [name, one.scrollLeft])),
      checked: new Map([...boxes()].map(([name, one]) => [name, one.checked])),
      anchor: anchorOf(),
      focus: document.activeElement?.getAttribute("href"),
    };
    const before = document.getElementById("page");
    const after = document.adoptNode(next.getElementById("page"));
    before.replaceWith(after);
    for (const [name, one] of folds()) if (state.open.has(name)) one.open = state.open.get(name);
    for (const [name, one] of boxes()) if (state.checked.has(name)) one.checked = state.checked.get(name);
    document.dispatchEvent(new Event("replaced"));
    for (const [name, one] of scrolls()) one.scrollLeft = state.left.get(name) ?? 0;
    const { anchor, focus } = state;
    const same = anchor && targets().find((one) => one.tagName === anchor.kind && textOf(one) === anchor.text);
    if (same) scrollBy({ top: same.getBoundingClientRect().top - anchor.top, behavior: "instant" });
    if (focus) after.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    document.title = next.title;
    document.querySelector("link[rel=icon]").href = next.querySelector("link[rel=icon]").href;
    mark = after.dataset.mark;
  };

  // -- when it is fetched

  const isSelecting = () => document.getSelection()?.type === "Range";
  const update = async () => {
    if (isBusy || document.hidden || isSelecting()) return;
    isBusy = true;
    isWanted = false;
    fetched = Date.now();
    try {
      const answer = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(answer.statusText);
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (next.getElementById("page")) replace(next);
      isLive();
    } catch {
      isWanted = true;
      isLost();
    }
    setTimeout(() => { isBusy = false; }, PAUSE);
  };
  const listen = () => {
    stream?.close();
    stream = new EventSource("events");
    stream.addEventListener("page", (event) => {
      isLive();
      if (event.data !== mark) isWanted = true;
    });
    stream.addEventListener("error", () => { if (Date.now() - heard > PAUSE) isLost(); });
  };
  let retry = 0;
  setInterval(() => {
    const now = Date.now();
    if (now - heard > PATIENCE) isLost();
    if ((stream.readyState === EventSource.CLOSED || now - heard > PATIENCE) && now - retry > 10e3) {
      retry = now;
      listen();
      isWanted = true;
    }
    if (isWanted || now - fetched > REFRESH) update();
  }, 500);
  listen();
})();
