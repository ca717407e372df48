from scripts import docs

OPEN_TO_WRITE = {"/manage/sign-in"}


def test_every_route_declares_who_may_call_it() -> None:
    assert [route for route in docs.routes() if route[2] is None] == []


def test_the_api_is_open_to_nobody_without_a_right() -> None:
    below = [route for route in docs.routes() if route[1].startswith("/api/v1/")]

    assert [route for route in below if route[2] is None or route[2].right is None] == []


def test_nobody_writes_without_a_right_but_to_sign_in_and_by_a_personal_link() -> None:
    open_to_all = {
        path
        for method, path, access in docs.routes()
        if method != "GET" and access is not None and access.kind == "public"
    }

    assert open_to_all <= OPEN_TO_WRITE
