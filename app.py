"""The server: the studio behind its gate; run with `make app` or `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware

from core.workspace import Workspace
from gate import downloads, opening
from gate.guard import Guard
from gate.login import Login

login = Login(Workspace())
guard = Middleware(Guard, login=login, address=opening.address(), allowed=opening.allowed_hosts())
app = st.App("studio.py", routes=downloads.ROUTES, middleware=[guard], lifespan=opening.announced)
opening.begin(login)
