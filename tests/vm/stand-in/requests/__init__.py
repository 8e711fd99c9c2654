# SPDX-License-Identifier: GPL-3.0-or-later
"""In the place of `requests`: pykickstart imports it to fetch an %include by URL, and no kickstart of HPS has one."""


def get(location, **_):
    raise NotImplementedError(f"the stand-in fetches no kickstart by URL: {location}")
