"""The connection to Temporal."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from juanchi.runtime import attributes
from juanchi.runtime.embedded_state import read_state
from juanchi.runtime.errors import CannotReach, RuntimeTrouble
from juanchi.runtime.settings import Settings

ANSWER_WITHIN = timedelta(seconds=10)


async def connect(settings: Settings, *, within: timedelta = ANSWER_WITHIN) -> Client:
    """Return a client whose namespace has answered.

    The server is the one the settings or a named `temporal.toml` profile give, with TLS and keys
    from Temporal's own configuration; else the embedded one, if it is running. Payloads are
    pydantic models. Raises `CannotReach` when nothing answers `within` the time, or the namespace
    does not exist.
    """
    config = connect_config(settings)
    address = config.get("target_host")
    if not address:
        raise CannotReach(
            "the embedded Temporal server",
            str(settings.home),
            "it is not running",
            "Start it with `make up`, or set TEMPORAL_ADDRESS.",
        )
    try:
        async with asyncio.timeout(within.total_seconds()):
            client = await Client.connect(
                **config, data_converter=pydantic_data_converter, connect_timeout=within
            )
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=client.namespace)
            )
    except TimeoutError:
        reason = f"no answer within {within.total_seconds():g} s"
        raise CannotReach("Temporal", address, reason) from None
    except RPCError as error:
        raise CannotReach("Temporal", address, f"{error.status.name}: {error.message}") from error
    except (RuntimeError, ValueError) as error:
        raise CannotReach("Temporal", address, str(error)) from error
    return client


def connect_config(settings: Settings) -> ClientConnectConfig:
    """Return the connection's arguments; without `target_host` if no server is known.

    A `temporal.toml` is read only when a profile or a file is named: the default profile of
    somebody's home must not redirect an embedded run.
    """
    if not settings.own_temporal:
        addresses = read_state(settings).addresses
        embedded = ClientConnectConfig(namespace=settings.namespace)
        if addresses.temporal_address:
            embedded["target_host"] = addresses.temporal_address
        return embedded

    named = settings.temporal_profile or settings.temporal_config_file
    file = settings.temporal_config_file
    try:
        config = ClientConfig.load_client_connect_config(
            settings.temporal_profile,
            config_file=None if file is None else str(file),
            disable_file=not named,
        )
    except RuntimeError as error:
        raise RuntimeTrouble(f"Temporal's configuration cannot be read: {error}") from error
    if settings.temporal_address:
        config["target_host"] = settings.temporal_address
    if settings.temporal_namespace:
        config["namespace"] = settings.temporal_namespace
    return config


async def register_search_attributes(client: Client) -> None:
    """Make the search attributes of `attributes.ALL` known; those that are there are left alone.

    Raises `RuntimeTrouble` if one exists with another type. A cluster may need some seconds
    before it accepts workflows that use new ones.
    """
    wanted = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in attributes.ALL
    }
    listing = ListSearchAttributesRequest(namespace=client.namespace)
    there = (await client.operator_service.list_search_attributes(listing)).custom_attributes
    for name, kind in wanted.items():
        if name in there and there[name] != kind:
            raise RuntimeTrouble(
                f"The search attribute {name} of namespace {client.namespace} has type "
                f"{IndexedValueType.Name(there[name])}, but {IndexedValueType.Name(kind)} is "
                "needed. Use another namespace."
            )
    missing = {name: kind for name, kind in wanted.items() if name not in there}
    if not missing:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    except RPCError as error:
        # Another worker that started at the same moment was faster.
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
