# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that pykickstart imports."""


class RequestException(Exception):
    pass


class SSLError(RequestException):
    pass
