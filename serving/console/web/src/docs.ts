// The routes as the service describes itself: the mounted app's and BentoML's own.
interface Operation {
  summary?: string;
  description?: string;
}
type Paths = Record<string, Record<string, Operation>>;

const METHODS = ["get", "post", "put", "patch", "delete"];

async function paths(address: string): Promise<Paths> {
  return ((await (await fetch(address)).json()) as { paths?: Paths }).paths ?? {};
}

function cell(text: string, tag = "td"): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** BentoML describes its routes in HTML. */
function plain(text: string): string {
  return text.replace(/<[^>]+>/g, "");
}

const merged: Paths = { ...(await paths("/docs.json")), ...(await paths("/openapi.json")) };
const table = document.createElement("table");
for (const [path, operations] of Object.entries(merged).sort())
  for (const [method, operation] of Object.entries(operations).filter(([name]) => METHODS.includes(name))) {
    const row = table.insertRow();
    const route = document.createElement("td");
    route.append(cell(`${method.toUpperCase()} ${path}`, "code"));
    row.append(route, cell(plain(operation.description ?? operation.summary ?? "")));
  }
document.getElementById("routes")?.replaceChildren(table);

export {};
