// A back end whose customers connect their WhatsApp numbers: it shows the button, verifies Embark's events, fetches the
// customer's business token, and sends the first message. Its settings are environment variables; see ../README.md.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

/** A setting. An empty one counts as missing: then the server does not start. */
const env = (name, fallback) => {
  const value = process.env[name] || fallback;
  if (value) return value;
  console.error(`${name} is not set or empty; examples/README.md says what belongs there.`);
  process.exit(1);
};
const EMBARK = env("EMBARK_ORIGIN");
const SITE = env("EMBARK_SITE");
const TOKEN = env("EMBARK_TOKEN");
const GRAPH = env("GRAPH_ORIGIN", "https://graph.facebook.com");
const RECIPIENT = env("RECIPIENT");
const webhook = new Webhook(env("EMBARK_WEBHOOK_SECRET"));

/** Ids of the events that were handled. A real server keeps them in its database, for a week. */
const handled = new Set();

/** Whoever is signed in at your application. */
const signedInCustomer = (_request) => "customer-7";

/** Makes a request whose answer must be JSON and a success. */
async function fetchJson(url, token, init = {}) {
  const response = await fetch(url, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** The page with the button. The session says whose signup it is; it is good for one signup, within 15 minutes. */
async function connectPage(request) {
  const { session } = await fetchJson(`${EMBARK}/v1/sites/${SITE}/sessions`, TOKEN, {
    method: "POST",
    body: JSON.stringify({ reference: signedInCustomer(request) }),
  });
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Connect WhatsApp</title></head>
  <body>
    <h1>Connect your WhatsApp number</h1>
    <script async src="${EMBARK}/embark.js" data-edge="${EMBARK}" data-site="${SITE}" data-session="${session}"></script>
  </body>
</html>`;
}

/** Handles an event once. If it fails, Embark delivers the event again. */
async function handleEvent({ id, type, data }) {
  if (handled.has(id)) return;
  if (type === "signup.connected" && data.reference?.verified) {
    const { token, graph_version } = await fetchJson(`${EMBARK}/v1/backend/wabas/${data.waba_id}/token`, TOKEN);
    const message = await fetchJson(`${GRAPH}/${graph_version}/${data.phone_number_id}/messages`, token, {
      method: "POST",
      body: JSON.stringify({
        messaging_product: "whatsapp",
        to: RECIPIENT,
        type: "template",
        template: { name: "hello_world", language: { code: "en_US" } },
      }),
    });
    console.log(`${data.reference.id} is connected; sent ${message.messages[0].id}`);
  }
  handled.add(id);
}

/** The body as it came: the signature is over its bytes. */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > 1_000_000) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Status and page of a response. */
async function respond(request) {
  const route = `${request.method} ${request.url}`;
  if (route === "GET /") return [200, await connectPage(request)];
  if (route !== "POST /events") return [404, ""];
  const body = await readBody(request);
  if (!body) return [413, ""];
  let event;
  try {
    event = webhook.verify(body, request.headers);
  } catch {
    return [401, ""];
  }
  await handleEvent(event);
  return [204, ""];
}

const server = createServer(async (request, response) => {
  let [status, page] = [500, ""];
  try {
    [status, page] = await respond(request);
  } catch (error) {
    console.error(error);
  }
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(page);
});
const port = Number(env("PORT", "3000"));
server.listen(port, "127.0.0.1", () => console.log(`http://localhost:${port}`));
