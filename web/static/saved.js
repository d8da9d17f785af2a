// Keeps searches and starred articles in this browser, and nowhere else. Without this script nothing is kept, and no
// button asks for it.

const MOST = 500; // of each kind; the oldest go first
const PASSING = ["page", "explain", "result", "paragraph"]; // parameters that are no part of a search

function stored(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.url === "string" && /^\/(?!\/)/.test(one.url)) : [];
  } catch {
    return []; // what is no longer JSON, or a browser that lets no page keep anything
  }
}

function store(name, entries) {
  try {
    localStorage.setItem(name, JSON.stringify(entries.slice(0, MOST)));
    return true;
  } catch {
    return false; // no room, or not allowed
  }
}

function kept() {
  try {
    return localStorage.getItem("stemma.keep") !== "off";
  } catch {
    return false;
  }
}

function made(tag, text, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = text;
  return element;
}

function pressable(text, act, properties = {}) {
  const button = made("button", text, { type: "button", ...properties });
  button.addEventListener("click", act);
  return button;
}

function rememberSearch() {
  const asked = new URLSearchParams(location.search);
  if (location.pathname !== "/" || !asked.get("q")?.trim() || !document.querySelector("[data-url]") || !kept()) return;
  PASSING.forEach((name) => asked.delete(name));
  const url = `/?${asked}`;
  const others = stored("stemma.searches").filter((one) => one.url !== url);
  store("stemma.searches", [{ url, q: asked.get("q"), at: new Date().toISOString() }, ...others]);
}

function addStar(article) {
  const { url, title, day } = article.dataset;
  const button = pressable("", () => {
    const others = stored("stemma.stars").filter((one) => one.url !== url);
    const adds = others.length === stored("stemma.stars").length;
    store("stemma.stars", adds ? [{ url, title, day, at: new Date().toISOString() }, ...others] : others);
    show();
  });
  function show() {
    const starred = stored("stemma.stars").some((one) => one.url === url);
    button.textContent = starred ? "★" : "☆";
    button.setAttribute("aria-pressed", String(starred));
  }
  button.className = "star";
  button.title = "Star this article: kept in this browser only";
  button.setAttribute("aria-label", `Star: ${title}`);
  show();
  article.querySelector(".byline")?.append(" ", button);
}

function list(place, name, title, label, nothing) {
  const entries = stored(name);
  const items = document.createElement("ul");
  entries.forEach((one) => {
    const item = document.createElement("li");
    const link = made("a", label(one), { href: one.url, dir: "auto" });
    const when = made("span", one.day ?? one.at?.slice(0, 10) ?? "", { className: "count" });
    const remove = () => {
      store(name, stored(name).filter((other) => other.url !== one.url));
      showAll(place);
    };
    item.append(link, when, pressable("Remove", remove, { className: "quiet", ariaLabel: `Remove ${label(one)}` }));
    items.append(item);
  });
  place.append(made("h2", title), entries.length ? items : made("p", nothing, { className: "light" }));
  return entries;
}

function download(contents) {
  const file = URL.createObjectURL(new Blob([JSON.stringify(contents, null, 2)], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: file, download: "stemma.json" }).click();
  setTimeout(() => URL.revokeObjectURL(file), 10_000);
}

function showAll(place) {
  place.replaceChildren();
  const stars = list(place, "stemma.stars", "Stars", (one) => one.title || one.url, "No article has a star yet.");
  const searches = list(place, "stemma.searches", "Searches", (one) => one.q || one.url, "No search is kept yet.");
  const tools = made("p", "", { className: "tools" });
  if (stars.length) tools.append(pressable("Clear stars", () => clear(place, "stemma.stars", "stars")));
  if (searches.length) tools.append(pressable("Clear searches", () => clear(place, "stemma.searches", "searches")));
  if (stars.length || searches.length) {
    tools.prepend(pressable("Export as JSON", () => download({ stars: stored("stemma.stars"), searches: stored("stemma.searches") })));
  }
  const box = made("input", "", { type: "checkbox", checked: kept() });
  box.addEventListener("change", () => localStorage.setItem("stemma.keep", box.checked ? "on" : "off"));
  const choice = made("label", "");
  choice.append(box, "Keep my searches");
  tools.append(choice);
  place.append(tools);
}

function clear(place, name, what) {
  if (!confirm(`Delete all ${what} of this browser?`)) return;
  store(name, []);
  showAll(place);
}

function allowed() {
  try {
    localStorage.setItem("stemma.probe", "");
    localStorage.removeItem("stemma.probe");
    return true;
  } catch {
    return false;
  }
}

const place = document.getElementById("saved");
if (!allowed()) {
  place?.replaceChildren(made("p", "Nothing is kept, because this browser does not allow it.", { className: "note" }));
} else {
  const addStars = () => document.querySelectorAll("[data-url]").forEach(addStar);
  rememberSearch();
  addStars();
  document.addEventListener("results", addStars); // of a query that is being typed, which is kept once it is left
  addEventListener("pagehide", rememberSearch);
  if (place) showAll(place);
  else {
    const way = document.createElement("p");
    way.append(made("a", "Your searches and stars", { href: "/saved" }));
    document.querySelector(".bottom .frame")?.append(way);
  }
}
