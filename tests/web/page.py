# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of tests/web/page, inside its network namespace."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

REPOSITORY, FOLDER = Path(sys.argv[1]), Path(sys.argv[2])
SCREENSHOTS = Path(sys.argv[4]) if sys.argv[3:4] == ["--screenshots"] else None
PROGRAMS = Path(os.environ.get("HPS_PROGRAMS", REPOSITORY / "target/debug"))
AXE = next((REPOSITORY / "target/axe").glob("axe-*.js"), None)
if AXE is None:
    raise SystemExit("target/axe has no axe-core; run: sudo scripts/setup test")
HOSTS = FOLDER / "srv/hps-config/clusters/lab/hosts"
LOGS = FOLDER / "srv/log/hosts"
WIDTHS = {"telephone": (360, 740), "tablet": (820, 1000), "wide": (1400, 900)}
STAGES = ["started", "disks", "partitioned", "packages", "configured", "installed"]
# What a machine may say of itself. In pictures for people it is what one usually says.
EVIL = 'disk S3Z8NB0K carries ext4' if SCREENSHOTS else '<img src=x onerror="document.title=1"><script>document.title=2</script> {{ 7*7 }} &amp;'
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site\n"
os.environ["HPS_CONFIG"] = str(FOLDER / "srv/hps-config/hps.conf")


def run(program, *arguments):
    subprocess.run([PROGRAMS / program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def mac(number):
    return f"5254000000{number:02x}"


def colons(number):
    return ":".join(mac(number)[at : at + 2] for at in range(0, 12, 2))


def moment(ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))


def write(number, state, stages=(), reason=None):
    """Writes a record as an installation leaves it: a whole file, by a rename."""
    lines = ["version = 1", f'macs = ["{mac(number)}"]', f'state = "{state}"', f'name = "r07-{number:02}"', 'type = "SCH"']
    lines += [f'address = "10.99.0.{number + 1}"', f'updated = "{moment(0)}"']
    if reason:
        lines.append(f"reason = {json.dumps(reason)}")
    if stages:
        lines += ["[attempt]", "number = 1", "of_permission = 1", f'permission = "{"a" * 32}"']
        lines += [f'since = "{moment(60 * len(stages) + 60)}"', 'distro = "x86_64-linux-debian-12"', 'disks = ["S3Z8NB0K"]']
        for at, stage in enumerate(stages):
            lines += ["[[attempt.stages]]", f'stage = "{stage}"', f'at = "{moment(60 * (len(stages) - at))}"']
    part = HOSTS / f".{mac(number)}.part"
    part.write_text("\n".join(lines) + "\n")
    os.chown(part, 0, HOSTS.stat().st_gid)
    part.chmod(0o660)
    part.rename(HOSTS / f"{mac(number)}.toml")


def log(number, text):
    with open(LOGS / f"{mac(number)}.log", "a") as file:
        file.write(f"{moment(0)} {mac(number)} r07-{number:02} {text}\n")


def site():
    (FOLDER / "key.pub").write_text(KEY)
    settings = ["--name", "lab", "--interface", "br0", "--address", "10.99.0.1/24", "--services", "plain"]
    settings += ["--ssh-key-file", str(FOLDER / "key.pub"), "--type", "SCH=x86_64-linux-debian-12", "--no-reload"]
    run("cluster-configure", "--base", str(FOLDER), *settings)
    for number in range(1, 11):
        write(number, "INSTALLING", STAGES[: number % 5 + 1])
        log(number, "stage started")
    write(11, "FAILED", ["started", "disks", "failed"], EVIL)
    log(11, EVIL + " \x1b[31mred\x1b]0;title\x07")
    for number in range(12, 25):
        write(number, "INSTALLED", STAGES)
    pending = FOLDER / f"srv/hps-config/clusters/lab/pending/{mac(99)}.toml"
    times = f'first = "{moment(300)}"\nlast = "{moment(10)}"\n'
    pending.write_text(f'mac = "{mac(99)}"\n{times}[firmware]\nproduct = {json.dumps(EVIL[:40])}\n')
    os.chown(pending, 0, HOSTS.stat().st_gid)
    pending.chmod(0o660)
    hardware = FOLDER / f"srv/hps-config/clusters/lab/hardware/{mac(11)}.toml"
    hardware.parent.mkdir(exist_ok=True)
    report = f'version = 1\n[now]\nat = "{moment(300)}"\noccasion = "installation"\nmemory_mib = 16000\n'
    disk = f'[[now.disks]]\nname = "sda"\nserial = "S3Z8NB0K"\nbytes = 4000787030016\nmodel = {json.dumps(EVIL[:40])}\n'
    hardware.write_text(report + disk)
    os.chown(hardware, 0, HOSTS.stat().st_gid)
    hardware.chmod(0o660)


def browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={FOLDER}/chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


def check(is_right, what):
    if not is_right:
        raise AssertionError(what)


class Page:
    def __init__(self, driver, base):
        self.driver, self.base = driver, base

    def open(self, path):
        self.driver.get(self.base + path)

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def until(self, what, is_so):
        WebDriverWait(self.driver, 20, 0.1).until(lambda _: is_so(), f"{what}: {self.text()}")

    def size(self, width, height):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name):
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def axe(self):
        """Findings that keep somebody from using the page."""
        self.script(AXE.read_text())
        found = self.driver.execute_async_script("const end = arguments[0]; axe.run().then(end);")
        grave = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        return [(one["id"], [node["html"][:120] + str(node["any"])[:200] for node in one["nodes"][:3]]) for one in grave]

    def is_harmless(self):
        check(self.driver.title not in ("1", "2"), "a value of a host ran as a script")
        count = self.script("return document.querySelectorAll('main img, main script, main iframe').length")
        check(count == 0, "a value of a host became an element")
        check("\x1b" not in self.driver.page_source and "\x07" not in self.driver.page_source, "escape sequences")


def every_width_and_scheme(page):
    for path in ["/", "/hosts", f"/hosts/{colons(11)}", "/racks", "/hosts/none"]:
        for width, size in WIDTHS.items():
            page.size(*size)
            for scheme in ["light", "dark"]:
                page.scheme(scheme)
                page.open(path)
                wide = page.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                check(wide <= 0, f"{path} is {wide} pixels wider than {width}")
                check(page.axe() == [], f"{path} {width} {scheme}: {page.axe()}")
                page.is_harmless()
                if SCREENSHOTS and path != "/hosts/none":
                    name = {"/": "overview", "/hosts": "hosts", "/racks": "racks"}.get(path, "host")
                    page.driver.save_screenshot(str(SCREENSHOTS / f"{name}-{width}-{scheme}.png"))


def at_a_glance(page):
    page.open("/")
    text = page.text()
    for words in ["24 hosts", "10 INSTALLING", "1 FAILED", "13 INSTALLED", "host-state explain r07-11", "host-state arm MAC"]:
        check(words in text.replace("\n", " "), f"{words!r} in {text}")
    check(EVIL in text, "the reason is shown as it is")
    bars = page.driver.find_elements(By.CSS_SELECTOR, "progress")
    check(len(bars) == 10 and {bar.get_attribute("max") for bar in bars} == {"6"}, "a bar for each installation")


def it_follows(page):
    page.open("/")
    page.script("window.same = true")
    page.until("it is connected", lambda: "Live" in page.text())
    for number in range(1, 11):
        write(number, "INSTALLED", STAGES)
    page.until("all are installed", lambda: "23 INSTALLED" in page.text())
    check(page.script("return window.same"), "it follows without loading the page again")
    page.open(f"/hosts/{mac(11)}")
    page.until("it is connected", lambda: "Live" in page.text())
    # The server looks twice a second at which logs are followed.
    time.sleep(1.5)
    log(11, "a new line <b>")
    page.until("the log grows", lambda: "a new line <b>" in page.text())
    page.is_harmless()


def by_keyboard(page):
    page.open("/")
    page.until("it is connected", lambda: "Live" in page.text())
    focused = lambda: page.driver.switch_to.active_element
    # A key goes to the page: what has the focus may be replaced by news while a test looks at it.
    press = lambda key: ActionChains(page.driver).send_keys(key).perform()
    link = lambda: page.script("return document.activeElement.getAttribute('href') || ''")
    press(Keys.TAB)
    check(focused().text == "Skip to the content", focused().text)
    press(Keys.ENTER)
    check(page.script("return document.activeElement.id") == "live", "the skip link leads to the content")
    seen = []
    for _ in range(12):
        press(Keys.TAB)
        seen.append(link())
        if seen[-1] == f"/hosts/{colons(11)}":
            break
    else:
        check(False, f"the failed host is reached: {seen}")
    page.script("document.activeElement.dataset.old = 'yes'")
    write(12, "CONFIGURED", STAGES)
    page.until("news replace the content", lambda: page.script("return !document.querySelector('[data-old]')"))
    check(link() == f"/hosts/{colons(11)}", f"the focus stays where it was, not at {link()!r}")
    write(12, "INSTALLED", STAGES)
    page.script("document.getElementById('search').focus()")
    press("r07-11")
    press(Keys.ENTER)
    page.until("the host is found", lambda: "1 of 24 hosts" in page.text())


def without_a_script(page):
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    for path, words in {"/": "r07-11", "/hosts": "r07-24", f"/hosts/{mac(11)}": "History", "/racks": "r07"}.items():
        page.open(path)
        text = page.driver.execute_cdp_cmd("DOM.getDocument", {"depth": -1})
        check(words in json.dumps(text), f"{path} without a script")
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def main():
    site()
    if SCREENSHOTS:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    web = subprocess.Popen([PROGRAMS / "hps-web", "--port", "0"], stdout=subprocess.PIPE, text=True)
    driver = None
    try:
        address = web.stdout.readline().strip()
        base = address.split("/?")[0]
        driver = browser()
        page = Page(driver, base)
        page.open("/")
        check("open the address that hps-web printed" in driver.page_source, "without the key there is nothing")
        driver.get_log("browser")
        page.driver.get(address)
        for part in [at_a_glance, every_width_and_scheme, by_keyboard, without_a_script, it_follows]:
            part(page)
            print(f"ok {part.__name__}", flush=True)
        # 404 of the page of an unknown host is meant so.
        errors = [one["message"] for one in driver.get_log("browser") if one["level"] == "SEVERE"]
        check([one for one in errors if "/hosts/none" not in one] == [], errors)
    finally:
        if driver:
            driver.quit()
        web.terminate()
        web.wait()


main()
