"""Requests in one side's own ids."""

from __future__ import annotations

from proxy.core.endpoints.catalogue import match as match_request
from proxy.core.endpoints.catalogue import render
from proxy.core.idmap import refs_in_request, rewrite_request
from proxy.core.messages import Request, Side
from proxy.services.identity import Identity


async def localised(identity: Identity, side: Side, request: Request) -> Request:
    """The request with the side's ids in the place of public ones; the very same object when they agree."""
    found = match_request(request.method, request.path)
    mapping = await identity.to_local(side, refs_in_request(request, found))
    if found is None:
        return rewrite_request(request, None, mapping, lambda _: request.path)
    route = found.route
    return rewrite_request(request, found, mapping, lambda params: render(route, params))
