// Completes what is typed into the search box, from /api/v1/suggest. Pages do all else without it.
"use strict";

const PAUSE = 80; // milliseconds without a key, after which completions are asked for
const box = document.getElementById("q");
const list = document.createElement("datalist");
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

if (box) {
  list.id = "completions";
  box.after(list);
  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.inputType || event.inputType === "insertReplacementText") return; // one was chosen
    box.setAttribute("list", list.id);
    if (box.value.trim()) timer = setTimeout(complete, PAUSE, box.value);
  });
}
