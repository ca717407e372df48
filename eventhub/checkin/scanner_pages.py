"""The scanner as a web app: its shell, its workers and its manifest. Who the phone is, and scans, are the API's."""

import json
from functools import lru_cache
from hashlib import sha256

from aiohttp import web

from eventhub.web.access import public
from eventhub.web.assets import STATIC, TEMPLATES
from eventhub.web.keys import READER
from eventhub.web.pages import page, policy
from eventhub.web.templates import static
from eventhub.wording import Text, render, say

PAGE = "/scan"
# WebAssembly compiles only where the policy says so, and a worker obeys its own script's policy.
CSP = {"script-src": "'wasm-unsafe-eval'", "worker-src": "'self'"}
SCRIPTS = ("scanner.css", "scanner.js")
MODULES = (
    "answer.js",
    "camera.js",
    "deciding.js",
    "device.js",
    "feedback.js",
    "finding.js",
    "journal.js",
    "lists.js",
    "live.js",
    "offline.js",
    "queue.js",
    "scans.js",
    "server.js",
    "setup.js",
    "snapshot.js",
    "store.js",
    "ticket.js",
    "uuid.js",
    "wedge.js",
)
ENGINE = {
    "script": "vendor/zxing-wasm-3.1.4/reader.js",
    "wasm": "vendor/zxing-wasm-3.1.4/reader.wasm",
}

TEXTS: dict[str, Text] = {
    "title": say("Ticket scanner"),
    "hint": say("Hold the ticket inside the frame."),
    "online": say("Connected"),
    "offline": say("No connection"),
    "state_waiting": say("{word} · {count} waiting"),
    "entry": say("Admitted"),
    "exit": say("Exit recorded"),
    "way_entry": say("Entry"),
    "way_exit": say("Exit"),
    "next": say("Next"),
    "cancel": say("Cancel"),
    "incomplete": say("One question"),
    "temperature_question": say("What temperature does the thermometer show?"),
    "mask_question": say("Is a mask worn over mouth and nose?"),
    "refused": say("Refused"),
    "waiting": say("Waiting"),
    "waiting_reason": say(
        "No answer from the server, so nobody has been admitted yet. The scan is kept and sent again by itself."
    ),
    "apart": say("Decides without the server · list of {at}"),
    "apart_never": say("No connection. Nobody can be admitted here yet."),
    "away_text": say("This phone decides by the list it was given at {at} ({age})."),
    "away_age": say("{count} min ago"),
    "away_none": say(
        "This phone was never given the list of tickets, so it keeps scans and admits nobody. Connect it once."
    ),
    "away_tickets": say(
        "Tickets replaced, and declarations and proofs given, since then are not known."
    ),
    "away_others": say(
        "Who passed other scanners since then is not known: a ticket may be let in twice."
    ),
    "away_full": say(
        "Whether a place is full is judged by the last count told and this phone's own scans."
    ),
    "away_signature": say(
        "This browser cannot check signatures: a ticket issued since then is refused."
    ),
    "decided_here": say("Decided on this phone, without a connection"),
    "refer": say("Send to the health officer"),
    "forced": say("Admitted against the rules; the reason is recorded."),
    "unverified": say("Cannot be checked"),
    "unverified_help": say(
        "Without a connection this phone cannot tell whether the ticket is genuine. Send to the registration desk."
    ),
    "blind_person": say(
        "A genuine ticket, issued after this phone's list: its holder is not known here."
    ),
    "blind_declaration": say("The declaration was not checked."),
    "blind_proof": say("The proof was not checked."),
    "blind_audience": say("Whether the session is for this person was not checked."),
    "sent": say("Scans without a connection: {count} sent."),
    "sent_conflicts": say("Scans sent: {count} do not fit. See Options."),
    "not_a_scanner_kept": say(
        "This phone is no scanner any more. {count} scans are still kept on it: "
        "ask an organizer for a new link and open it here, and they are sent."
    ),
    "other_event": say("of another event"),
    "undo": say("Undo"),
    "more_lines": say("and {count} more"),
    "undone": say("The scan was taken back."),
    "undo_failed": say("The scan could not be taken back. {why}"),
    "no_answer": say("No answer from the server. Please try again."),
    "finding": say("Type at least three letters."),
    "finding_none": say("Nobody was found."),
    "finding_more": say("More were found. Type more of the name."),
    "finding_away": say("Names can be looked up only with a connection."),
    "not_onsite": say("attends from afar"),
    "later_ok": say("Earlier scan at {at}: {name} is recorded."),
    "later_refused": say("Earlier scan at {at}: {name}. {reason}"),
    "somebody": say("unknown ticket"),
    "certificate": say("This is a health certificate, not a ticket. It was not read or kept."),
    "set_clock": say("Time set to {at}"),
    "inside": say("{inside} inside"),
    "inside_of": say("{inside} of {limit} inside"),
    "start": say("Start scanning"),
    "try_again": say("Try again"),
    "ready": say("Allow the camera when the phone asks. Codes can also be typed."),
    "ready_apart": say(
        "There is no connection. This phone decides by its own list, and sends the scans when it is back."
    ),
    "ready_offline": say(
        "There is no connection. Scans are kept on this phone and decided when it is back."
    ),
    "no_connection": say(
        "There is no connection, and this phone has not been set up as a scanner yet."
    ),
    "not_a_scanner": say(
        "This phone is not a scanner. Ask an organizer for a link that makes it one, and open it here."
    ),
    "no_checkpoint": say(
        "This phone has no checkpoint to scan at. Ask an organizer to give it one."
    ),
    "insecure": say("The camera opens only on a secure address (https). Codes can still be typed."),
    "camera_refused": say(
        "The camera was not allowed. Allow it in the browser's settings for this page, or type the codes."
    ),
    "camera_absent": say("No camera was found. Type the codes, or connect a scanner that types."),
    "camera_failed": say(
        "The camera does not start. Close other apps that use it and try again, or type the codes."
    ),
    "camera_back": say("Camera at the back"),
}


@public
async def show_scanner(request: web.Request) -> web.StreamResponse:
    """Show the scanner's shell. It names nobody, so the phone may keep it."""
    reader = request[READER]
    setup = {
        "urls": {
            "scope": PAGE,
            "worker": _path(request, "scanner.worker"),
            "decoder": _path(request, "scanner.decoder"),
            "config": "/scan/config",
            "passages": "/scan/passages",
            "snapshot": "/scan/snapshot",
            "occupancy": "/scan/occupancy",
            "live": "/scan/live",
            "people": "/scan/people",
            "conflicts": "/scan/conflicts",
            "annul": "/scan/passages/{nonce}/annul",
        },
        "engine": {name: static(path) for name, path in ENGINE.items()},
        # Their values are filled in by the page.
        "texts": {name: reader.gettext(text.message) for name, text in TEXTS.items()},
    }
    response = await page(request, "checkin/scan.html", csp=CSP, setup=setup)
    response.headers["Cache-Control"] = "no-cache"
    return response


@public
async def send_manifest(request: web.Request) -> web.StreamResponse:
    """Send what a phone needs to install the scanner on its home screen."""
    reader = request[READER]
    sizes = (192, 512)
    manifest = {
        "name": render(TEXTS["title"], reader),
        "short_name": render(say("Scanner"), reader),
        "lang": reader.language,
        "id": PAGE,
        "start_url": PAGE,
        "scope": PAGE,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0f141a",
        "theme_color": "#0f141a",
        "icons": [
            {
                "src": static(f"scanner/icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in sizes
            for purpose in ("any", "maskable")
        ],
    }
    return web.json_response(manifest, content_type="application/manifest+json")


@public
async def send_worker(request: web.Request) -> web.StreamResponse:
    """Send the service worker that keeps the shell; its scope is the page, which lies above its own address."""
    files = [
        _path(request, "scanner.decoder"),
        *(static(f"scanner/{name}") for name in SCRIPTS),
        *(f"/static/scanner/{name}" for name in MODULES),
        *(static(path) for path in ENGINE.values()),
        static("scanner/icon-192.png"),
    ]
    shell = {"version": _version(), "page": PAGE, "files": files}
    script = f"const SHELL = {json.dumps(shell)};\n{(STATIC / 'scanner/service-worker.js').read_text('utf-8')}"
    return _script(script, {"Service-Worker-Allowed": PAGE, "Cache-Control": "no-cache"})


@public
async def send_decoder(request: web.Request) -> web.StreamResponse:
    """Send the worker that reads codes, under a policy that lets it compile WebAssembly."""
    script = (STATIC / "scanner/decode.js").read_text("utf-8")
    return _script(script, {"Cache-Control": "no-cache"})


def _script(text: str, headers: dict[str, str]) -> web.Response:
    answer = web.Response(text=text, content_type="text/javascript", headers=headers)
    answer.headers["Content-Security-Policy"] = policy(CSP)
    return answer


def _path(request: web.Request, route: str) -> str:
    return str(request.app.router[route].url_for())


@lru_cache(maxsize=1)
def _version() -> str:
    """Return a mark of all the shell is made of: a changed file makes phones fetch it anew."""
    mark = sha256((TEMPLATES / "checkin/scan.html").read_bytes())
    for name in sorted((STATIC / "scanner").iterdir()):
        mark.update(name.read_bytes())
    for path in ENGINE.values():
        mark.update(path.encode())
    return mark.hexdigest()[:16]


ROUTES = [
    web.get(PAGE, show_scanner, name="scanner.show"),
    web.get("/scan/manifest.webmanifest", send_manifest, name="scanner.manifest"),
    web.get("/scan/worker.js", send_worker, name="scanner.worker"),
    web.get("/scan/decode.js", send_decoder, name="scanner.decoder"),
]
