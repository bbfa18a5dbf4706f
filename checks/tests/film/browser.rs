//! A browser without a window, driven as a reader would: by keys and clicks.
//!
//! It speaks the protocol of `WebDriver` over loopback, of which no more than these few requests are needed.

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// By this variable CI says that it has a browser, so that a missing one is a failure there.
const REQUIRED: &str = "CANCELPROOF_REQUIRE_BROWSER";

/// What no answer of a browser takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// The keys of the protocol.
#[allow(dead_code, reason = "no test that shares this needs them all")]
pub(crate) mod key {
    pub(crate) const RIGHT: &str = "\u{e014}";
    pub(crate) const LEFT: &str = "\u{e012}";
    pub(crate) const HOME: &str = "\u{e011}";
    pub(crate) const END: &str = "\u{e010}";
    pub(crate) const PAGE_DOWN: &str = "\u{e00f}";
    pub(crate) const TAB: &str = "\u{e004}";
    pub(crate) const ENTER: &str = "\u{e007}";
}

/// A browser that ends when this is dropped, also when a test panics.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    address: String,
    process: Option<u64>,
    folder: TempDir,
}

impl Browser {
    /// Starts one; `None` if there is none to start, which is said.
    pub(crate) fn start() -> Option<Browser> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let (Some(browser), Some(driver)) = (names.iter().find_map(|name| find(name)), find("chromedriver"))
        else {
            assert!(
                env::var(REQUIRED).as_deref() != Ok("1"),
                "no chromium with chromedriver found, and {REQUIRED} is 1"
            );
            // Not by a macro, whose output the harness would keep to itself.
            let _ = writeln!(io::stderr(), "skipped: no chromium found");
            return None;
        };
        let folder = TempDir::new().expect("a folder can be made");
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        let port = port(&mut driver);
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .proxy(None);
        let mut started = Browser {
            driver,
            agent: config.build().into(),
            address: format!("http://127.0.0.1:{port}/session"),
            process: None,
            folder,
        };
        started.open_session(&browser);
        Some(started)
    }

    fn open_session(&mut self, browser: &Path) {
        let profile = self.folder.path().join("profile");
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--window-size=1280,900",
            format!("--user-data-dir={}", profile.display()),
        ]);
        let options = json!({ "binary": browser, "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = self.post("", &wanted);
        self.process = session["capabilities"]["goog:processID"].as_u64();
        let id = session["sessionId"].as_str().expect("a session has an id").to_owned();
        self.address = format!("{}/{id}", self.address);
    }

    /// Writes a page and opens it from the file, as a reader would.
    pub(crate) fn open(&self, page: &str, fragment: &str) {
        let path = self.folder.path().join("film.html");
        let mut file = File::create(&path).expect("a page can be written");
        file.write_all(page.as_bytes()).expect("a page can be written");
        // Away first, since going to another fragment of the same page would not load it again.
        self.post("/url", &json!({ "url": "about:blank" }));
        self.post("/url", &json!({ "url": format!("file://{}{fragment}", path.display()) }));
    }

    /// Puts a file beside the page that is opened, for the page to link to.
    #[allow(dead_code, reason = "only some of the tests that share this have such a page")]
    pub(crate) fn keep(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a page can be written");
    }

    /// Presses and releases a key.
    pub(crate) fn press(&self, key: &str) {
        let actions = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// Clicks the element that a selector names.
    pub(crate) fn click(&self, selector: &str) {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{selector}: {found}"));
        self.post(&format!("/element/{id}/click"), &json!({}));
    }

    /// What a JavaScript expression is.
    pub(crate) fn value(&self, expression: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": format!("return {expression}"), "args": [] }))
    }

    /// What an expression is, as text.
    pub(crate) fn text(&self, expression: &str) -> String {
        match self.value(expression) {
            Value::String(text) => text,
            other => panic!("{expression} is {other}"),
        }
    }

    /// Makes the window as wide and high as that.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.post("/window/rect", &json!({ "width": width, "height": height }));
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let address = format!("{}{path}", self.address);
        let request = self.agent.post(&address).content_type("application/json");
        let mut response = request.send(body.to_string()).expect("the driver answers");
        let answer = response.body_mut().read_to_string().expect("the driver answers with text");
        let mut answer: Value = serde_json::from_str(&answer).expect("the driver answers in JSON");
        assert!(response.status().is_success(), "{path} {body}: {answer}");
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever fails here is followed by something stronger, up to the end of both processes.
        let _ = self.agent.delete(&self.address).call();
        if let Some(process) = self.process {
            let mut kill = Command::new("kill");
            let _ = kill.args(["-9", &process.to_string()]).stderr(Stdio::null()).status();
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that the driver has chosen, which it prints when it is ready.
fn port(driver: &mut Child) -> u16 {
    let output = driver.stdout.take().expect("its output is piped");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains("started successfully on port"));
    let digits: String = line.iter().flat_map(|line| line.chars()).filter(char::is_ascii_digit).collect();
    digits.parse().expect("the driver prints its port")
}

fn find(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}
