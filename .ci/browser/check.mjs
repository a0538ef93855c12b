// Looks at pages of mxkeep in a real browser: node check.mjs CHROMIUM PAGE...
//
// A page has to be readable without its script, on a phone, in the dark and in print; to say nothing on the console; to
// ask nobody for anything; to be usable with a keyboard; and axe-core has to find nothing wrong with it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args: quiet });
const wrong = [];
let looks = 0;

async function look(page, options, check) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  const name = page.split("/").slice(-2).join("/");
  const tell = (text) => wrong.push(`${name} ${JSON.stringify(options)}: ${text}`);
  tab.on("console", (message) => tell(`console: ${message.text()}`));
  tab.on("pageerror", (error) => tell(`error: ${error}`));
  tab.on("request", (request) => request.url().startsWith("file:") || tell(`asks for ${request.url()}`));
  await tab.goto(pathToFileURL(page).href);
  await check(tab, tell);
  looks += 1;
  await context.close();
}

async function axeFinds(tab, tell) {
  await tab.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => window.axe.run());
  for (const { id, help, nodes } of violations) tell(`${id}: ${help}: ${nodes[0].html.slice(0, 200)}`);
}

const shown = (tab) => tab.locator(".item:not([hidden])").count();

async function filter(tab, tell) {
  const all = await tab.locator(".item").count();
  if (all === 0) return;
  const form = tab.getByRole("search");
  if (!(await form.isVisible())) return tell("the filter is not there");
  const first = (await tab.locator(".item").first().innerText()).trim().split(/\s+/).pop();
  await tab.getByLabel("Search").fill(first);
  const found = await shown(tab);
  if (found < 1 || found > all) tell(`the filter shows ${found} of ${all} for ${first}`);
  await tab.getByLabel("Search").fill("no-such-thing-anywhere");
  if ((await shown(tab)) !== 0) tell("the filter shows what does not fit");
  if (!(await tab.locator("#count").innerText()).startsWith(`0 of ${all}`)) tell("the count is wrong");
  await tab.getByRole("button", { name: "Clear" }).click();
  await tab.waitForFunction((all) => document.querySelectorAll(".item:not([hidden])").length === all, all);
  const state = await tab.locator(".item").first().getAttribute("data-state");
  await tab.getByLabel("Show").selectOption(state);
  const wanted = await tab.locator(`.item[data-state="${state}"]`).count();
  if ((await shown(tab)) !== wanted) tell(`${state} shows ${await shown(tab)} of ${wanted}`);
}

async function keyboard(tab, tell) {
  const details = tab.locator("details").first();
  if ((await details.count()) === 0) return;
  const before = await details.evaluate((it) => it.open);
  for (let presses = 0; presses < 12; presses += 1) {
    await tab.keyboard.press("Tab");
    if (await details.evaluate((it) => document.activeElement === it.querySelector("summary"))) {
      await tab.keyboard.press("Enter");
      if ((await details.evaluate((it) => it.open)) === before) tell("Enter does not open or close");
      return;
    }
  }
  tell("the keyboard does not come to the first item");
}

async function fits(tab, tell) {
  const [inner, outer] = await tab.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  if (inner > outer) tell(`is ${inner} wide on ${outer}`);
}

for (const page of pages) {
  const isReport = page.endsWith(".html");
  for (const colorScheme of ["light", "dark"]) {
    // The script of axe-core is not one that the page allows.
    if (isReport) await look(page, { colorScheme, bypassCSP: true }, axeFinds);
    else await look(page, { colorScheme }, async () => {});
  }
  if (!isReport) continue;
  await look(page, {}, filter);
  await look(page, {}, keyboard);
  await look(page, { viewport: { width: 360, height: 740 } }, fits);
  await look(page, { javaScriptEnabled: false }, async (tab, tell) => {
    if (await tab.locator("form").isVisible().catch(() => false)) tell("a filter that does nothing");
    const [all, visible] = [await tab.locator(".item").count(), await tab.locator(".item:visible").count()];
    if (all !== visible) tell(`without script ${visible} of ${all} are seen`);
  });
  await look(page, {}, async (tab, tell) => {
    await tab.emulateMedia({ media: "print" });
    if ((await tab.pdf()).length < 1000) tell("prints nothing");
    if (await tab.locator("form").isVisible().catch(() => false)) tell("prints the filter");
  });
}
await browser.close();
console.log(`${pages.length} pages, ${looks} looks, ${wrong.length} found`);
for (const text of wrong) console.log(`- ${text}`);
process.exit(wrong.length === 0 ? 0 : 1);
