"""A back end whose customers connect their WhatsApp numbers: it shows the button, verifies Embark's events, fetches the
customer's business token, and sends the first message. Its settings are environment variables; see ../README.md.
"""

import os
import sys
from html import escape

import httpx
from flask import Flask, request
from standardwebhooks import Webhook, WebhookVerificationError


def setting(name: str, fallback: str = "") -> str:
    """A setting. An empty one counts as missing: then the server does not start."""
    value = os.environ.get(name) or fallback
    if not value:
        sys.exit(f"{name} is not set or empty; examples/README.md says what belongs there.")
    return value


EMBARK = setting("EMBARK_ORIGIN")
SITE = setting("EMBARK_SITE")
TOKEN = setting("EMBARK_TOKEN")
GRAPH = setting("GRAPH_ORIGIN", "https://graph.facebook.com")
RECIPIENT = setting("RECIPIENT")
webhook = Webhook(setting("EMBARK_WEBHOOK_SECRET"))

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000

# Ids of the events that were handled. A real server keeps them in its database, for a week.
handled: set[str] = set()


def signed_in_customer() -> str:
    """Whoever is signed in at your application."""
    return "customer-7"


def fetch_json(method: str, url: str, token: str, body: dict | None = None) -> dict:
    """Makes a request whose answer must be JSON and a success."""
    headers = {"authorization": f"Bearer {token}"}
    response = httpx.request(method, url, headers=headers, json=body, timeout=10)
    if not response.is_success:
        # The text of a refusal is a problem document, which says why.
        raise RuntimeError(f"{url}: {response.status_code} {response.text}")
    return response.json()


@app.get("/")
def connect_page() -> str:
    """The page with the button. The session says whose signup it is; it is good for one signup, within 15 minutes."""
    sessions = f"{EMBARK}/v1/sites/{SITE}/sessions"
    session = fetch_json("POST", sessions, TOKEN, {"reference": signed_in_customer()})["session"]
    embark = escape(EMBARK)
    return f"""<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Connect WhatsApp</title></head>
  <body>
    <h1>Connect your WhatsApp number</h1>
    <script async src="{embark}/embark.js" data-edge="{embark}" data-site="{SITE}" data-session="{session}"></script>
  </body>
</html>"""


@app.post("/events")
def receive_event() -> tuple[str, int]:
    """Verifies an event and handles it. If that fails, Embark delivers the event again."""
    try:
        event = webhook.verify(request.get_data(), dict(request.headers))
    except WebhookVerificationError:
        return "", 401
    handle_event(event)
    return "", 204


def handle_event(event: dict) -> None:
    """Handles an event once."""
    if event["id"] in handled:
        return
    data = event["data"]
    reference = data.get("reference", {})
    if event["type"] == "signup.connected" and reference.get("verified"):
        business = fetch_json("GET", f"{EMBARK}/v1/backend/wabas/{data['waba_id']}/token", TOKEN)
        messages = f"{GRAPH}/{business['graph_version']}/{data['phone_number_id']}/messages"
        message = {
            "messaging_product": "whatsapp",
            "to": RECIPIENT,
            "type": "template",
            "template": {"name": "hello_world", "language": {"code": "en_US"}},
        }
        sent = fetch_json("POST", messages, business["token"], message)
        print(f"{reference['id']} is connected; sent {sent['messages'][0]['id']}", flush=True)
    handled.add(event["id"])


if __name__ == "__main__":
    port = int(setting("PORT", "3000"))
    print(f"http://localhost:{port}", flush=True)
    app.run("127.0.0.1", port)
