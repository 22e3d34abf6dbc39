import pytest, secrets, psycopg
@pytest.fixture(params=["sqlite","postgresql"])
def database_url(request, tmp_path):
    if request.param=="sqlite":
        yield f"sqlite:///{tmp_path}/released.db"
    else:
        n="t"+secrets.token_hex(4)
        with psycopg.connect("postgresql://postgres@127.0.0.1:55432/postgres",autocommit=True) as c: c.execute(f"create database {n}")
        url=f"postgresql://postgres@127.0.0.1:55432/{n}"
        yield url
        with psycopg.connect("postgresql://postgres@127.0.0.1:55432/postgres",autocommit=True) as c: c.execute(f"drop database {n} with (force)")
