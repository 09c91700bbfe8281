// Finds pages and headings: every word has to occur; what begins with it, or stands in a title, comes first, and so
// does the page for a word of other tools.
const root = document.body.dataset.root;
const field = document.getElementById("search");
const results = document.getElementById("results");
const SHOWN = 12;

// A page is known by its title and by the words of other tools for what it is about.
function weight(entry, word) {
  const title = entry.title.toLowerCase();
  const parts = title.split(/[^a-z0-9_]+/);
  if (title === word) return 100;
  if (entry.words.includes(word)) return 60;
  if (parts.includes(word)) return 40;
  if (title.startsWith(word)) return 30;
  if (entry.words.some((known) => known.split(" ").includes(word))) return 25;
  if (parts.some((part) => part.startsWith(word))) return 20;
  if (entry.words.some((known) => known.startsWith(word))) return 15;
  if (title.includes(word)) return 10;
  return entry.text.toLowerCase().includes(word) ? 1 : 0;
}

function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const phrase = words.join(" ");
  return ENTRIES
    .map((entry) => {
      const weights = words.map((word) => weight(entry, word));
      const all = weights.includes(0) ? 0 : weights.reduce((a, b) => a + b);
      return { entry, weight: all + (words.length > 1 ? weight(entry, phrase) : 0) };
    })
    .filter((found) => found.weight > 0)
    // Entries of one weight stay in the order of the book.
    .sort((a, b) => b.weight - a.weight)
    .slice(0, SHOWN)
    .map((found) => found.entry);
}

function excerpt(entry, query) {
  const word = query.toLowerCase().split(/\s+/).find((word) => entry.text.toLowerCase().includes(word));
  const at = word ? entry.text.toLowerCase().indexOf(word) : 0;
  const from = Math.max(0, at - 30);
  const text = entry.text.slice(from, from + 110).trim();
  return (from > 0 ? "…" : "") + text + (from + 110 < entry.text.length ? "…" : "");
}

function show() {
  const found = search(field.value);
  results.replaceChildren(...found.map((entry) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = root + entry.url;
    const title = document.createElement("b");
    title.textContent = entry.title;
    const section = document.createElement("small");
    section.textContent = entry.section;
    const text = document.createElement("span");
    text.textContent = excerpt(entry, field.value);
    link.append(title, section, text);
    item.append(link);
    return item;
  }));
  if (found.length === 0 && field.value.trim() !== "") {
    const item = document.createElement("li");
    item.textContent = "nothing has all of these words";
    results.append(item);
  }
  results.hidden = field.value.trim() === "";
}

function step(by) {
  const links = [...results.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement) + by;
  (at < 0 || links.length === 0 ? field : links[Math.min(at, links.length - 1)]).focus();
}

field.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  const searching = document.activeElement === field || results.contains(document.activeElement);
  if (event.key === "/" && !searching) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape" && searching) {
    field.value = "";
    show();
    field.blur();
  } else if (searching && event.key === "ArrowDown") {
    event.preventDefault();
    step(1);
  } else if (searching && event.key === "ArrowUp") {
    event.preventDefault();
    step(-1);
  } else if (event.key === "Enter" && document.activeElement === field) {
    results.querySelector("a")?.click();
  }
});

// A search can be linked to.
const asked = new URLSearchParams(location.search).get("q");
if (asked) {
  field.value = asked;
  show();
}
