"""The client integration guide's snippets, as they stand, in a page that the gateway serves."""

import json
import re
import subprocess
import uuid
from pathlib import Path

import pytest
import requests

from gateway import ROOT

GUIDE = ROOT.parent / "shared/client-integration-guide.md"
MODULES = Path(__file__).parent / "browser_modules"
VUE = ROOT / ".cache/client/vue.esm-browser.prod.js"
NODE_MODULES = "/usr/share/nodejs"
IMPORTS = {
    "socket.io-client": "socket.io-client", "react": "react", "react-dom/client": "react", "vue": "vue",
    "@angular/core": "angular-core", "rxjs": "rxjs",
}
PATIENCE = 30_000

needs_the_guide = pytest.mark.skipif(not GUIDE.exists(), reason=f"no guide at {GUIDE}")


def snippets() -> dict[str, tuple[str, str]]:
    """Language and code by heading. The guide has one snippet under each heading that has any."""
    found, heading = {}, None
    for match in re.finditer(r"^#+ (?P<heading>[^\n]+)$|^```(?P<language>[a-z]+)\n(?P<code>.*?)^```$", GUIDE.read_text(), re.M | re.S):
        if match["heading"]:
            heading = match["heading"].strip()
        else:
            assert heading not in found, f"two snippets under {heading}: say which is meant"
            found[heading] = (match["language"], match["code"])
    return found


def esbuild(*arguments: str, source: str | None = None) -> str:
    done = subprocess.run(
        ["esbuild", "--format=esm", "--log-level=warning", *arguments],
        input=source, capture_output=True, text=True, timeout=30, env={"NODE_PATH": NODE_MODULES, "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Account:
    """A user who has logged in as the guide says: with a Privy token, here a development one."""

    def __init__(self, gateway, name: str | None = None):
        asked = gateway.post("/api/v1/auth/development/privy-token", json={"user": name or uuid.uuid4().hex})
        assert asked.status_code == 200, asked.text
        self.privy_token = asked.json()["privyToken"]
        answer = requests.post(f"http://127.0.0.1:{gateway.auth_port}/api/v1/auth/login", json={"privyToken": self.privy_token}, timeout=30)
        assert answer.status_code == 200, answer.text
        self.access_token, self.refresh_token = answer.json()["accessToken"], answer.json()["refreshToken"]
        self.id = answer.json()["user"]["id"]


class GuidePage:
    """A page of the gateway's origin, with an import map for what the snippets import."""

    def __init__(self, page, gateway, account: Account):
        self.page, self._gateway, self.account = page, gateway, account
        self._modules: dict[str, str] = {}
        page.route("**/modules/*", self._serve)
        # Any answer of the gateway will do, the page is written over it: Chromium keeps pages from elsewhere away from loopback.
        page.goto(f"{gateway.url}/health")
        imports = {name: f"{gateway.url}/modules/{file}" for name, file in IMPORTS.items()}
        page.set_content(
            f"""<!doctype html><title>guide</title>
            <script type="importmap">{json.dumps({"imports": imports})}</script>
            <script src="/socket.io/socket.io.js"></script><main></main>"""
        )
        page.wait_for_function("() => globalThis.io")
        self.run("import './harness';")

    # Running -----------------------------------------------------------------

    def run(self, *parts: str):
        """Runs the parts as one module, to its end."""
        self._modules[name := f"run-{len(self._modules)}"] = "\n".join(parts)
        self.page.evaluate("(url) => import(url).then(() => null)", f"{self._gateway.url}/modules/{name}")

    def given(self, token: str | None = None, refresh_token: str | None = None) -> str:
        """The two names that the snippets take from the log-in before them."""
        tokens = json.dumps([token or self.account.access_token, refresh_token or self.account.refresh_token])
        return f"import {{ io }} from 'socket.io-client';\nconst [accessToken, refreshToken] = {tokens};"

    def snippet(self, heading: str) -> str:
        """The snippet, with what the guide asks to be replaced, and in JavaScript."""
        language, code = snippets()[heading]
        auth_url = f"http://127.0.0.1:{self._gateway.auth_port}"
        code = code.replace("http://localhost:3011", self._gateway.url).replace("http://localhost:3001", auth_url)
        code = code.replace("your-user-id", self.account.id)
        if language == "javascript":
            return code
        url = json.dumps(self._gateway.url)
        names = [f"--define:{name}={url}" for name in ("process.env.NEXT_PUBLIC_WEBSOCKET_URL", "import.meta.env.VITE_WEBSOCKET_URL")]
        return esbuild("--loader=tsx" if language == "tsx" else "--loader=ts", *names, source=code)

    def module(self, name: str, source: str):
        """What other modules import as `./name`."""
        self._modules[name] = source

    def _serve(self, route):
        name = route.request.url.rsplit("/", 1)[1]
        if name == "vue":
            source = VUE.read_text()
        elif name == "react":
            source = esbuild("--bundle", "--minify", '--define:process.env.NODE_ENV="production"', str(MODULES / "react.js"))
        else:
            source = self._modules.get(name) or (MODULES / f"{name}.js").read_text()
        route.fulfill(content_type="text/javascript", body=source)

    # What came of it ----------------------------------------------------------

    def said(self, text: str, /, **fields):
        """What a snippet wrote to the console under this text, as soon as it has."""
        return self._wait("said", text, fields)

    def called(self, name: str, /, **fields):
        """With what a snippet called a function that the guide leaves to the application."""
        return self._wait("called", name, fields)

    def heard(self, event: str, /, **fields):
        """The payload of an event of the socket."""
        return self._wait("heard", event, fields)

    def count(self, list: str, text: str) -> int:
        return self.page.evaluate("([list, text]) => globalThis[list].filter((entry) => entry.text === text).length", [list, text])

    def until(self, condition: str, argument=None):
        return self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE).json_value()

    def emit(self, event: str, payload):
        self.page.evaluate("([event, payload]) => void socket.emit(event, payload)", [event, payload])

    def _wait(self, list: str, text: str, fields: dict):
        find = """([list, text, fields]) => globalThis[list].find((entry) => entry.text === text
            && Object.entries(fields).every(([name, value]) => entry.value?.[name] === value))"""
        try:
            return self.until(find, [list, text, fields])["value"]
        except Exception as failure:
            raise AssertionError(f"no {text} {fields}; {list}: {self.page.evaluate('(list) => globalThis[list]', list)[-20:]}") from failure
