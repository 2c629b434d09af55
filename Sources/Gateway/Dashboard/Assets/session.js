const base = "/api/v1/auth";

async function post(path, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `${path}: HTTP ${response.status}`);
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
    this.accessToken = token.trim();
    this.#refreshToken = "";
    this.name = "token";
    this.userId = "";
  }

  /** A new access token. Callers at the same time share one request. */
  renew() {
    this.#renewal ??= this.#refresh().finally(() => { this.#renewal = null; });
    return this.#renewal;
  }

  async #refresh() {
    if (!this.#refreshToken) throw new Error("The access token is not accepted: paste a new one");
    const answer = await post("/refresh", {}, this.#refreshToken);
    this.accessToken = answer.accessToken;
    this.#refreshToken = answer.refreshToken ?? this.#refreshToken;
  }

  async logOut() {
    const token = this.accessToken;
    const refreshToken = this.#refreshToken;
    Object.assign(this, { name: "", userId: "", accessToken: "" });
    this.#refreshToken = "";
    if (refreshToken) await post("/logout", { refreshToken }, token);
  }
}
