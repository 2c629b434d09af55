"""The dashboard as a person uses it."""

import re
import uuid

from playwright.sync_api import Page, expect

# Generous: a test waits for what it expects, however busy the machine is.
expect.set_options(timeout=30_000)

# The page gives up a request after 5 s, and takes a notice away after 7: a process of a busy machine may stand still for longer. So requests wait,
# and notices are written down.
PATIENT = """{
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = (action, ms, ...values) => wait(action, ms === 5000 ? 60_000 : ms, ...values);
  new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const node of addedNodes)
        if (node.classList?.contains("toast") && node.checkVisibility())
          document.documentElement.dataset.toasts = (document.documentElement.dataset.toasts ?? "") + node.textContent + "\\n";
  }).observe(document, { childList: true, subtree: true });
}"""


class Dashboard:
    def __init__(self, page: Page, url: str):
        page.add_init_script(PATIENT)
        self.page = page
        self._url = url

    def open(self, symbol: str | None = None) -> "Dashboard":
        self.page.goto(f"{self._url}/#{symbol}" if symbol else f"{self._url}/")
        return self

    def log_in(self, name: str = "alice", transports: str = "websocket") -> "Dashboard":
        self.page.get_by_label("Development user").fill(name)
        self.page.locator(f'input[name="transports"][value="{transports}"]').check(force=True)
        self.page.get_by_role("button", name="Log in and connect").click()
        expect(self.state).to_have_attribute("data-phase", "online")
        return self

    def log_in_anew(self) -> str:
        """As somebody new; answers the user's id."""
        self.log_in(uuid.uuid4().hex)
        expect(self.meter("user-id")).not_to_have_text("")
        user = self.meter("user-id").inner_text()
        self.expect_joined(f"user:{user}", f"portfolio:{user}", f"orders:{user}")
        return user

    def request(self, action: str, room: str):
        """`action` is `subscribe`, `join`, `unsubscribe` or `leave`."""
        self.page.locator("#room").fill(room)
        self.page.locator(f"#{action}").click()

    def choose(self, symbol: str):
        self.tile(symbol).locator(".tile-choose").click()

    @property
    def state(self):
        return self.page.locator("#state")

    def meter(self, name: str):
        return self.page.locator(f"#{name}")

    def tile(self, symbol: str):
        return self.page.locator(f'#board [data-symbol="{symbol}"]')

    def price(self, symbol: str):
        return self.tile(symbol).locator('[data-field="price"]')

    def live_price(self, symbol: str) -> str:
        """Waits for the first price, and answers it as it is shown."""
        expect(self.price(symbol)).not_to_have_text("–")
        return self.price(symbol).inner_text()

    def room(self, room: str):
        return self.page.locator(f'#rooms [data-room="{room}"]')

    def expect_joined(self, *rooms: str):
        for room in rooms:
            expect(self.room(room)).to_have_attribute("data-joined", "true")

    def expect_toast(self, text: str):
        """One with this text has been shown; it goes by itself after some seconds."""
        expect(self.page.locator("html")).to_have_attribute("data-toasts", re.compile(re.escape(text)))

    def ladder(self) -> tuple[list, list]:
        """Bids and asks from the best outwards, read in one go."""
        return tuple(
            self.page.evaluate(
                """() => ["bids", "asks"].map((side) => {
                    const rows = [...document.querySelectorAll(`#${side} .level:not(.blank)`)];
                    const levels = rows.map((row) => ["price", "size"].map((name) => row.querySelector(`[data-field=${name}]`).textContent));
                    return side === "asks" ? levels.reverse() : levels;
                })"""
            )
        )

    def tape(self) -> list[tuple[str, str]]:
        """Price and amount of the trades shown, newest first."""
        rows = self.page.evaluate(
            """() => [...document.querySelectorAll("#tape li")].map((row) =>
                ["price", "amount"].map((name) => row.querySelector(`[data-field=${name}]`).textContent))"""
        )
        return [tuple(row) for row in rows]
