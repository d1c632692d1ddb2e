import time, urllib.request, pytest
from playwright.sync_api import expect
from e2e.cut import plain_answer
from e2e.rolls import Roll, plan
@pytest.mark.parametrize("k", range(8))
def test_dbg(phone, sign_in, cut, address, k):
    page = sign_in(phone(cut.address), "secretary")
    cdp = page.context.new_cdp_session(page)
    ev=[]
    t0=time.monotonic()
    cdp.on("ServiceWorker.workerVersionUpdated", lambda e: ev.append((round(time.monotonic()-t0,2),[(v["versionId"],v["status"],v["runningStatus"],len(v.get("controlledClients",[]))) for v in e["versions"]])))
    cdp.on("ServiceWorker.workerErrorReported", lambda e: ev.append(e))
    cdp.send("ServiceWorker.enable")
    roll = Roll(page, plan(page)).visit().begin().kept()
    no, *_ = roll.numbers()
    offer = page.locator("#update")
    with urllib.request.urlopen(f"{address}/sw.js") as worker:
        newer = plain_answer(200, worker.read() + b"\n// newer\n", "text/javascript", "Cache-Control: no-cache")
    cut.answer = lambda asked: newer if asked.path == "/sw.js" else None
    ev.append((round(time.monotonic()-t0,2),"update()"))
    page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => {})")
    expect(offer).to_be_visible()
    page.evaluate("globalThis.sameVisit = true")
    roll.present(no)
    ev.append((round(time.monotonic()-t0,2),"tap"))
    n=len(cut.asked)
    offer.get_by_role("button", name="Dùng bản mới").tap()
    ok=False
    for i in range(60):
        time.sleep(.1)
        try:
            if page.evaluate("!globalThis.sameVisit"): ok=True; break
        except Exception: pass
    print("\nrun",k,"reloaded" if ok else "STUCK", round(time.monotonic()-t0,2))
    if not ok:
        for e in ev: print("   ",e)
        print(page.evaluate("navigator.serviceWorker.getRegistration().then(r=>[r.installing?.state,r.waiting?.state,r.active?.state,navigator.serviceWorker.controller?.state])"))
        print([a.path[-30:] for a in cut.asked[n-6:]])
        print(page.locator("#update").is_visible())
        t=time.monotonic()
        while time.monotonic()-t<40:
            if page.evaluate("!globalThis.sameVisit"): print("late", time.monotonic()-t); break
            time.sleep(.5)
        for e in ev[-6:]: print("   ",e)
