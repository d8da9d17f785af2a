// Completes what is typed into the search box, from /api/v1/suggest. Pages do all else without it.
"use strict";

(() => {
  const PAUSE = 80; // milliseconds without a key, after which completions are asked for
  const list = document.createElement("datalist");
  list.id = "completions";
  let asked = 0;
  let timer = 0;

  async function complete(q) {
    const number = ++asked;
    const response = await fetch("/api/v1/suggest?q=" + encodeURIComponent(q)).catch(() => null);
    if (!response || !response.ok || number !== asked) return;
    const { completions, corrections } = await response.json();
    const texts = new Set([...corrections.map((one) => one.query), ...completions.map((one) => one.text)]);
    list.replaceChildren(...[...texts].map((text) => new Option("", text)));
  }

  document.addEventListener("input", ({ target, inputType }) => {
    if (target.id !== "q") return;
    clearTimeout(timer);
    if (!inputType || inputType === "insertReplacementText") return; // one was chosen
    if (!list.isConnected) document.body.append(list);
    target.setAttribute("list", list.id);
    if (target.value.trim()) timer = setTimeout(complete, PAUSE, target.value);
  });
})();
