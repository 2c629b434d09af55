"""Access tokens of every kind, good and bad, made outside the gateway from the key that its auth service signs with."""

import base64
import hashlib
import hmac
import json
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

ISSUER, AUDIENCE = "moonx-auth", "moonx-gateway"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Mint:
    def __init__(self, gateway):
        self.key = load_pem_private_key((gateway.directory / "access-token.pem").read_bytes(), password=None)
        self.jwks = gateway.get("/.well-known/jwks.json").json()
        self.kid = self.jwks["keys"][0]["kid"]

    def claims(self, user: str, **changes) -> dict:
        """Claims that are good for fifteen minutes; `None` leaves one out."""
        now = int(time.time())
        claims = {"sub": user, "iss": ISSUER, "aud": AUDIENCE, "type": "access", "jti": str(uuid.uuid4()), "iat": now, "exp": now + 900}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(self, user: str, key=None, algorithm: str = "ES256", **changes) -> str:
        return jwt.encode(self.claims(user, **changes), key or self.key, algorithm, headers={"kid": self.kid})

    # Bad ones ----------------------------------------------------------------

    def expired(self, user: str) -> str:
        now = int(time.time())
        return self.token(user, iat=now - 900, exp=now - 1)

    def not_yet_valid(self, user: str) -> str:
        return self.token(user, nbf=int(time.time()) + 600)

    def wrong_type(self, user: str) -> str:
        return self.token(user, type="refresh")

    def wrong_key(self, user: str) -> str:
        """Another key under the name of the right one."""
        return self.token(user, key=ec.generate_private_key(ec.SECP256R1()))

    def unsigned(self, user: str) -> str:
        return jwt.encode(self.claims(user), None, "none", headers={"kid": self.kid})

    def confused(self, user: str) -> str:
        """Signed with HMAC, the public key for a secret: good where a verifier believes the token about its algorithm."""
        secret = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header = base64url(json.dumps({"alg": "HS256", "typ": "JWT", "kid": self.kid}).encode())
        signed = f"{header}.{base64url(json.dumps(self.claims(user)).encode())}"
        return f"{signed}.{base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"

    def stripped(self, user: str) -> str:
        return self.token(user).rsplit(".", 1)[0] + "."

    def revoked(self, user: str, gateway) -> str:
        jti = str(uuid.uuid4())
        answer = gateway.post(
            "/api/v1/auth/revoke", json={"jti": jti}, headers={"Authorization": f"Bearer {gateway.service_token}"}
        )
        assert answer.status_code == 200, answer.text
        return self.token(user, jti=jti)
