const base = "/api/v1/auth";
/** What the auth service answers where a token is not good. Anything else is over some time. */
const refusals = new Set([400, 401, 403]);

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.error?.message ?? `${path}: HTTP ${response.status}`), { status: response.status });
  return answer;
}

/** Who is logged in here. Tokens are kept in memory only: a script that gets at the page's storage finds none. */
export class Session {
  name = "";
  userId = "";
  accessToken = "";
  #refreshToken = "";
  #renewal = null;

  /** Whether this server mints development identities. */
  static async developmentLogin() {
    const response = await fetch(`${base}/development`);
    return response.ok;
  }

  async logIn(name) {
    const { privyToken } = await post("/development/privy-token", { user: name });
    const { accessToken, refreshToken, user } = await post("/login", { privyToken });
    this.name = name;
    this.userId = user.id;
    this.accessToken = accessToken;
    this.#refreshToken = refreshToken;
  }

  /** Takes a token that somebody else minted. The server judges it; the page reads only the name to show. */
  use(token) {
    this.#renewal = null;
    this.accessToken = token.trim();
    this.#refreshToken = "";
    this.name = "token";
    this.userId = "";
  }

  /** A new access token. Callers at the same time share one request. What it throws has `isFinal` where there is no use in trying again. */
  renew() {
    if (!this.#renewal) {
      const renewal = this.#refresh().finally(() => { if (this.#renewal === renewal) this.#renewal = null; });
      this.#renewal = renewal;
    }
    return this.#renewal;
  }

  async #refresh() {
    const token = this.#refreshToken;
    if (!token) throw Object.assign(new Error("The access token is not accepted: paste a new one"), { isFinal: true });
    const answer = await post("/refresh", {}, token).catch((error) => {
      throw Object.assign(error, { isFinal: refusals.has(error.status) });
    });
    // Somebody else may be logged in by now.
    if (this.#refreshToken !== token) throw Object.assign(new Error("Logged out meanwhile"), { isFinal: true });
    this.accessToken = answer.accessToken;
    this.#refreshToken = answer.refreshToken ?? this.#refreshToken;
  }

  async logOut() {
    const token = this.accessToken;
    const refreshToken = this.#refreshToken;
    Object.assign(this, { name: "", userId: "", accessToken: "" });
    this.#refreshToken = "";
    this.#renewal = null;
    if (refreshToken) await post("/logout", { refreshToken }, token);
  }
}
