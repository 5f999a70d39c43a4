"""Users, permissions, roles and workspaces: each belongs to one server and is never mirrored.

Source: the auth app keeps its own database with its own numbers, and passwords travel in ``users/create`` and
``users/update-password``, which must never reach a journal. Experiment ids in permission calls are mapped all the same,
because clients know public ids only; those calls exist up to 3.10, roles replaced them.
"""

from __future__ import annotations

from proxy.core.endpoints.spec import Kind, Operation, Sites

_PLAIN = (
    "CreateUser",
    "CreateUserFromPage",
    "GetSignupPage",
    "GetUser",
    "GetCurrentUser",
    "ListUsers",
    "UpdateUserAdmin",
    "UpdateUserPassword",
    "DeleteUser",
    "ListUserRoles",
    "ListUserPermissions",
    "GetUserPermission",
    "ListCurrentUserPermissions",
    "GrantUserPermission",
    "RevokeUserPermission",
    "CreateRole",
    "GetRole",
    "ListRoles",
    "UpdateRole",
    "DeleteRole",
    "AssignRole",
    "UnassignRole",
    "ListRoleUsers",
    "ListRolePermissions",
    "AddRolePermission",
    "UpdateRolePermission",
    "RemoveRolePermission",
    "CreateRegisteredModelPermission",
    "GetRegisteredModelPermission",
    "UpdateRegisteredModelPermission",
    "DeleteRegisteredModelPermission",
    "CreateGatewayEndpointPermission",
    "GetGatewayEndpointPermission",
    "UpdateGatewayEndpointPermission",
    "DeleteGatewayEndpointPermission",
    "CreateGatewayModelDefinitionPermission",
    "GetGatewayModelDefinitionPermission",
    "UpdateGatewayModelDefinitionPermission",
    "DeleteGatewayModelDefinitionPermission",
    "CreateGatewaySecretPermission",
    "GetGatewaySecretPermission",
    "UpdateGatewaySecretPermission",
    "DeleteGatewaySecretPermission",
    "CreateWorkspace",
    "GetWorkspace",
    "ListWorkspaces",
    "UpdateWorkspace",
    "DeleteWorkspace",
    "SetWorkspacePermission",
    "ListWorkspacePermissions",
    "DeleteWorkspacePermission",
    "ListUserWorkspacePermissions",
)

_ON_EXPERIMENTS = (
    ("CreateExperimentPermission", "experiment_permission.experiment_id"),
    ("GetExperimentPermission", "experiment_permission.experiment_id"),
    ("UpdateExperimentPermission", ""),
    ("DeleteExperimentPermission", ""),
    ("CreateScorerPermission", "scorer_permission.experiment_id"),
    ("GetScorerPermission", "scorer_permission.experiment_id"),
    ("UpdateScorerPermission", ""),
    ("DeleteScorerPermission", ""),
)

OPERATIONS: tuple[Operation, ...] = (
    *(Operation(name, Kind.ADMIN, skip="admin") for name in _PLAIN),
    *(
        Operation(
            name,
            Kind.ADMIN,
            skip="admin",
            request=Sites(experiments=("experiment_id",)),
            response=Sites(experiments=(answered,) if answered else ()),
        )
        for name, answered in _ON_EXPERIMENTS
    ),
)
