"""Argon2id passwords. Hashing is slow and large by design, so it runs on two threads of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
# Each hash takes 64 MiB: two at a time bound what a storm of sign-ins can use.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
# Verified when there is no such user, so that the answer takes as long.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg"

MIN_LENGTH = 10
MAX_LENGTH = 200


async def hash_password(password: str) -> str:
    """Return the password's encoded argon2id hash."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Whether this is the password; takes as long for nobody (`stored` None)."""
    matches = await asyncio.get_running_loop().run_in_executor(
        _threads, _verify, stored or _NOBODY, password
    )
    return matches and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
