// Ends a service from the page at /docs, in a browser. Arguments: the address of the host, and of the browser's program.
import { chromium } from "playwright-core";

const [host, program] = process.argv.slice(2);
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: program, args: flags });
try {
  const page = await browser.newPage();
  const elsewhere = [];
  const complaints = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(host) && !request.url().startsWith("data:")) elsewhere.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });

  const started = await fetch(`${host}/services/start`, { method: "POST" });
  const { service_id: id } = await started.json();

  await page.goto(`${host}/docs`);
  const operation = page.locator("#operations-default-completeService");
  await operation.locator(".opblock-summary").click();
  await operation.locator('tr[data-param-name="service_id"] input').fill(String(id));
  const body = operation.locator("textarea.body-param__text");
  const offered = JSON.parse(await body.inputValue());
  await body.fill(JSON.stringify({ ...offered, disposition_desc: "ended from the page" }));
  await operation.locator("button.execute").click();
  const status = operation.locator(".live-responses-table .response-col_status").first();
  await status.waitFor();
  const told = (await operation.locator(".live-responses-table tbody .response-col_status").first().innerText()).trim();
  if (!told.startsWith("204")) throw new Error(`the page tells ${told}`);

  const service = await (await fetch(`${host}/services/${id}?extensions=*`)).json();
  if (service.completed?.disposition_desc !== "ended from the page") throw new Error(JSON.stringify(service));
  for (const name of Object.keys(offered).filter((name) => name !== "disposition")) {
    if (!(name in service)) throw new Error(`${name} was offered, and is not stored: ${JSON.stringify(service)}`);
  }
  if (elsewhere.length > 0) throw new Error(`asked elsewhere: ${elsewhere}`);
  if (complaints.length > 0) throw new Error(`the browser complains: ${complaints}`);
  console.log(`service ${id} was ended from the page, with ${Object.keys(offered)}`);
} finally {
  await browser.close();
}
