// The page of an article: the bar of matches and the keys n and p lead from match to match, j and k from result to
// result, and buttons copy texts. Without this script links lead there, and texts are copied by hand.

const bar = document.querySelector(".matches");
const marks = [...document.querySelectorAll(".text mark")];
let at = -1;

function show(number) {
  marks[at]?.classList.remove("current");
  at = (number + marks.length) % marks.length;
  marks[at].classList.add("current");
  marks[at].scrollIntoView({ block: "nearest" });
  tell();
}

function tell() {
  const all = `${marks.length} ${marks.length === 1 ? "match" : "matches"}`;
  bar.querySelector("b").textContent = at < 0 ? all : `Match ${at + 1} of ${marks.length}`;
}

function button(text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "step";
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function chosen() {
  const paragraph = /^#p\d+$/.test(location.hash) && document.querySelector(location.hash);
  return paragraph ? marks.findIndex((mark) => paragraph.contains(mark)) : -1;
}

if (bar && marks.length) {
  document.documentElement.classList.add("stepped");
  const place = document.createElement("span");
  place.setAttribute("role", "status");
  place.append(document.createElement("b"));
  const back = button("‹", "Previous match", () => show(at < 0 ? -1 : at - 1));
  const on = button("Next ›", "Next match", () => show(at + 1));
  back.title = "Previous match (p)";
  on.title = "Next match (n)";
  bar.replaceChildren(place, back, on);
  const first = chosen();
  if (first >= 0) {
    at = first;
    marks[at].classList.add("current");
  }
  tell();
  addEventListener("hashchange", () => chosen() >= 0 && show(chosen()));
}

document.addEventListener("keydown", (event) => {
  const taken = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]");
  if (taken || event.target.closest("input, textarea, select")) return;
  if (bar && marks.length && event.key === "n") show(at + 1);
  else if (bar && marks.length && event.key === "p") show(at < 0 ? -1 : at - 1);
  else if (event.key === "j") document.querySelector(".results [rel=next]")?.click();
  else if (event.key === "k") document.querySelector(".results [rel=prev]")?.click();
});

if (navigator.clipboard) {
  const citation = document.querySelector(".citation");
  const tellCopied = (text) => {
    copy.textContent = text;
    copy.setAttribute("aria-label", `${text} the citation`);
  };
  const copy = button("Copy", "Copy the citation", async () => {
    await navigator.clipboard.writeText(citation.textContent);
    tellCopied("Copied");
    setTimeout(tellCopied, 2000, "Copy");
  });
  copy.classList.add("copy");
  citation.after(copy);
}
