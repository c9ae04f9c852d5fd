"""What went wrong, said to the operator in both languages."""

from __future__ import annotations

from collections import defaultdict

from api.cli.installation import errors
from api.problems import words_of
from geo.db import backups, cluster, existing
from geo.errors import GridError

_WORDS: dict[type[GridError], tuple[str, str]] = {
    existing.DatabaseUnreachable: (
        "无法连接数据库（见 WANGGE_DATABASE_URL）：{log}",
        "The database can't be reached (see WANGGE_DATABASE_URL).",
    ),
    existing.PostgisMissing: (
        "该数据库服务器需要 PostGIS {oldest} 或更高版本（现有：{version}）。",
        "That server needs PostGIS {oldest} or newer (it offers: {version}).",
    ),
    cluster.PostgresMissing: (
        "本机没有 PostgreSQL 和 PostGIS；请运行 ./wangge up 安装，或设置 WANGGE_DATABASE_URL。",
        "There is no PostgreSQL with PostGIS here: ./wangge up installs it; or set WANGGE_DATABASE_URL.",
    ),
    cluster.ClusterVersion: (
        "{place} 中的数据库属于 PostgreSQL {version}，本机只有 {installed}；请安装 PostgreSQL {version}。",
        "The database in {place} belongs to PostgreSQL {version}; here is {installed}. Install {version}.",
    ),
    cluster.ClusterForeign: (
        "{place} 属于用户 {owner}，不能使用；请以该用户运行，或换一个 --data。",
        "{place} belongs to the user {owner}: run as that user, or choose another --data.",
    ),
    cluster.ClusterFailed: (
        "{program} 失败：\n{log}",
        "{program} has failed, see above.",
    ),
    backups.BackupFailed: (
        "无法备份到 {file}：{log}",
        "The backup to {file} has failed.",
    ),
    backups.BackupUnusable: (
        "不能用 {file} 恢复（{reason}）；数据库没有变化。{log}",
        "{file} can't be restored ({reason}); the database is as it was.",
    ),
    backups.RestoreRefused: (
        "数据库角色需要建库和安装 PostGIS 的权限；数据库没有变化。{log}",
        "The role of the database needs the right to make databases with PostGIS; nothing has changed.",
    ),
    backups.DatabaseBusy: (
        "其他程序不断连接 {database}；请先 ./wangge stop。数据库没有变化。",
        "Other programs keep connecting to {database}: ./wangge stop first. Nothing has changed.",
    ),
}


def explain(error: GridError) -> None:
    """Print what went wrong, 中文 first.

    Parameters
    ----------
    error : GridError
        What a command met.
    """
    kind = words_of(type(error))
    fields = defaultdict(lambda: "–", error.fields)
    for template in _WORDS.get(type(error), (kind.detail_zh, kind.detail)):
        errors.print(template.format_map(fields), style="red", markup=False)
