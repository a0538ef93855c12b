"use strict";
// Without this script the page shows everything; with it, what is looked for.
const form = document.querySelector("form");
if (form) {
  const [text, state] = [form.elements.text, form.elements.state];
  const items = [...document.querySelectorAll(".item")];
  const count = document.getElementById("count");
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const said = item.textContent.toLowerCase();
      const fits = words.every((word) => said.includes(word));
      item.hidden = !fits || (state.value !== "" && item.dataset.state !== state.value);
      shown += item.hidden ? 0 : 1;
    }
    for (const section of document.querySelectorAll("section.items")) {
      section.hidden = !section.querySelector(".item:not([hidden])");
    }
    count.textContent = shown + " of " + items.length + " shown";
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.elements.open.addEventListener("click", () => {
    const closed = items.filter((item) => item.tagName === "DETAILS" && !item.hidden && !item.open);
    const all = items.filter((item) => item.tagName === "DETAILS" && !item.hidden);
    for (const item of all) item.open = closed.length > 0;
  });
  form.hidden = false;
  filter();
}
