//! A proxy in front of the emulator that makes calls go wrong the way they do at AWS, and keeps a log of them.
//! Needs nothing but the standard library, so that other test binaries and benches can include this file.

#![allow(dead_code, unused_imports, reason = "each binary that includes this needs a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "proxy/answer.rs"]
mod answer;
#[path = "proxy/es.rs"]
mod es;
#[path = "proxy/fault.rs"]
mod fault;
#[path = "proxy/limits.rs"]
mod limits;
#[path = "proxy/listing.rs"]
mod listing;
#[path = "proxy/request.rs"]
mod request;
#[path = "proxy/route53.rs"]
mod route53;
#[path = "proxy/s3.rs"]
mod s3;
#[path = "proxy/script.rs"]
mod script;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use answer::Answer;
pub(crate) use fault::{Fault, Moment};
pub(crate) use limits::Rate;
use request::Request;
use script::Script;

/// A server on 127.0.0.1; it ends when it is dropped.
///
/// Calls are counted from 1, in the order in which they arrive.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// A call that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// As the signature names it, such as `ec2`; both kinds of load balancers are `elasticloadbalancing`.
    pub(crate) service: String,
    /// API operation, such as `CreateVpc`.
    pub(crate) operation: String,
    /// Region that the call was signed for.
    pub(crate) region: String,
    /// Whether it changes something.
    pub(crate) is_write: bool,
    /// Since the proxy was started, or its log was cleared.
    pub(crate) start: Duration,
    /// The same; nothing while it is on its way.
    pub(crate) end: Option<Duration>,
    /// Calls on their way when it arrived, itself among them.
    pub(crate) concurrency: usize,
    /// HTTP status of the answer; 0 where there was none.
    pub(crate) status: u16,
    /// The body as it came.
    pub(crate) body: String,
}

struct Shared {
    behind: String,
    state: Mutex<State>,
    /// Rings when a call begins to hang or is held, and when held calls may go.
    holding: Condvar,
    /// Looks at what is behind after each call that writes.
    watcher: Mutex<Option<Watcher>>,
}

type Watcher = Box<dyn FnMut(&str) + Send>;

struct State {
    is_over: bool,
    /// Whether held calls may go.
    is_released: bool,
    since: Instant,
    script: Script,
    log: Vec<Call>,
    /// Which log this is: a call of an earlier one is not in it.
    era: usize,
    held: usize,
}

impl Proxy {
    /// A proxy in front of a server such as `http://127.0.0.1:40123`, without faults.
    pub(crate) fn start(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            is_over: false,
            is_released: false,
            since: Instant::now(),
            script: Script::default(),
            log: Vec::new(),
            era: 0,
            held: 0,
        };
        let behind = endpoint.trim_start_matches("http://").to_owned();
        let shared = Arc::new(Shared {
            behind,
            state: Mutex::new(state),
            holding: Condvar::new(),
            watcher: Mutex::new(None),
        });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.state().is_over {
                    break;
                }
                let shared = Arc::clone(&served);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens to the n-th call, whatever it is.
    pub(crate) fn at(&self, n: usize, fault: Fault) {
        self.shared.state().script.at(n, fault);
    }

    /// What happens to the n-th call of an operation.
    pub(crate) fn on(&self, operation: &str, n: usize, fault: Fault) {
        self.shared.state().script.on(operation, n, fault);
    }

    /// What happens to every call of an operation.
    pub(crate) fn always(&self, operation: &str, fault: Fault) {
        self.shared.state().script.always(operation, fault);
    }

    /// Calls `watcher` with the operation after each call that writes, before its answer arrives. While it looks, no
    /// other call writes.
    pub(crate) fn watch(&self, watcher: impl FnMut(&str) + Send + 'static) {
        *self.shared.watcher.lock().unwrap() = Some(Box::new(watcher));
    }

    /// Nobody watches any more.
    pub(crate) fn unwatch(&self) {
        *self.shared.watcher.lock().unwrap() = None;
    }

    /// How much later than they could every call is answered.
    pub(crate) fn latency(&self, latency: Duration) {
        self.shared.state().script.latency = latency;
    }

    /// How many calls a service takes; those beyond are refused as throttled.
    pub(crate) fn limit(&self, rate: Rate) {
        self.shared.state().script.limits.rate = Some(rate);
    }

    /// Refuses half of all calls as throttled, by the toss of a coin.
    pub(crate) fn refuse_half(&self, seed: u64) {
        self.shared.state().script.limits.coin = Some(seed | 1);
    }

    /// No faults, no latency and no limits from now on, an empty log, and counting from 1 again.
    pub(crate) fn clear(&self) {
        let mut state = self.shared.state();
        state.script.clear();
        state.log.clear();
        state.era += 1;
        state.since = Instant::now();
    }

    /// The calls so far, in the order in which they arrived.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.state().log.clone()
    }

    /// The operations called so far, in the order in which they arrived.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.shared.state().log.iter().map(|call| call.operation.clone()).collect()
    }

    /// Lets the calls go that are held.
    pub(crate) fn release(&self) {
        self.shared.state().is_released = true;
        self.shared.holding.notify_all();
    }

    /// Waits until a call hangs or is held; false when none is for a minute.
    pub(crate) fn until_hanging(&self) -> bool {
        self.is_hanging_within(Duration::from_mins(1))
    }

    /// Whether a call hangs or is held now, or will be in so long.
    pub(crate) fn is_hanging_within(&self, limit: Duration) -> bool {
        let state = self.shared.state();
        let waited = self.shared.holding.wait_timeout_while(state, limit, |state| state.held == 0);
        !waited.unwrap().1.timed_out()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        // Wakes the thread that listens, so that it sees.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The answer of the server behind.
    fn ask(&self, request: &[u8]) -> Answer {
        let mut behind = TcpStream::connect(&self.behind).unwrap();
        behind.write_all(request).unwrap();
        let mut answer = Vec::new();
        // The emulator closes the connection after each answer.
        behind.read_to_end(&mut answer).unwrap();
        Answer::read(&answer)
    }

    /// Holds a call as long as `wait` takes.
    fn hold(&self, wait: impl FnOnce()) {
        self.state().held += 1;
        self.holding.notify_all();
        wait();
        self.state().held -= 1;
    }

    /// Waits until the test lets calls go.
    fn until_released(&self) {
        drop(self.holding.wait_while(self.state(), |state| !state.is_released).unwrap());
    }

    /// Holds a connection until whoever called gives up.
    fn hang(&self, stream: &mut TcpStream) {
        self.hold(|| drop(stream.read(&mut [0])));
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let Some(request) = Request::read(&stream) else { return };
    let (place, fault, latency) = shared.state().enter(&request);
    thread::sleep(latency);
    let answer = if request.is_write() {
        let mut watcher = shared.watcher.lock().unwrap();
        // On a busy machine a look takes so long that callers give up, and call again: only the last call counts.
        if watcher.is_some() && has_gone(&stream) {
            shared.state().leave(place, 0);
            return;
        }
        if let Some(look) = watcher.as_mut() {
            let answer = answer(&request, fault, shared, &mut stream);
            look(&request.operation);
            answer
        } else {
            drop(watcher);
            answer(&request, fault, shared, &mut stream)
        }
    } else {
        answer(&request, fault, shared, &mut stream)
    };
    // The log is right before whoever called can look at it.
    shared.state().leave(place, answer.as_ref().map_or(0, |answer| answer.status));
    if let Some(answer) = answer {
        // Whoever called may have gone meanwhile.
        let _ = stream.write_all(&answer.written());
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Whether whoever called has closed the connection.
fn has_gone(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let has_ended = matches!(stream.peek(&mut [0]), Ok(0));
    stream.set_nonblocking(false).unwrap();
    has_ended
}

/// What a call gets; nothing where its connection just ends.
fn answer(
    request: &Request,
    fault: Option<Fault>,
    shared: &Shared,
    stream: &mut TcpStream,
) -> Option<Answer> {
    let Some(fault) = fault else { return Some(heard(request, shared)) };
    if fault == Fault::OneByOne {
        let whole = shared.ask(&request.of_the_first_page());
        return Some(listing::page(request, whole));
    }
    if fault == Fault::Held {
        shared.hold(|| shared.until_released());
    }
    if fault.takes_effect() {
        let answer = heard(request, shared);
        return match fault {
            Fault::Dropped(_) => None,
            Fault::Hanging(_) => {
                shared.hang(stream);
                None
            }
            Fault::Failed(_) => Some(fault::failed(request)),
            Fault::Pending => Some(listing::pending(&request.operation, answer)),
            _ => Some(answer),
        };
    }
    match fault {
        Fault::Dropped(_) => None,
        Fault::Hanging(_) => {
            shared.hang(stream);
            None
        }
        Fault::Stale => {
            let earlier = shared.state().script.earlier(request);
            Some(earlier.unwrap_or_else(|| listing::empty(request)))
        }
        Fault::Empty => Some(listing::empty(request)),
        fault => Some(fault::refusal(request, &fault)),
    }
}

/// The answer of the server behind, which is remembered.
fn heard(request: &Request, shared: &Shared) -> Answer {
    let answer = shared.ask(&request.bytes);
    shared.state().script.remember(request, &answer);
    answer
}

impl State {
    /// Takes a call in: its place in the log, what happens to it, and how long it takes.
    fn enter(&mut self, request: &Request) -> ((usize, usize), Option<Fault>, Duration) {
        let on_their_way = self.log.iter().filter(|call| call.end.is_none()).count();
        self.log.push(Call {
            service: request.service.clone(),
            operation: request.operation.clone(),
            region: request.region.clone(),
            is_write: request.is_write(),
            start: self.since.elapsed(),
            end: None,
            concurrency: on_their_way + 1,
            status: 0,
            body: request.text().into_owned(),
        });
        let (fault, latency) = self.script.next(request);
        ((self.era, self.log.len() - 1), fault, latency)
    }

    fn leave(&mut self, (era, place): (usize, usize), status: u16) {
        let now = self.since.elapsed();
        if era == self.era
            && let Some(call) = self.log.get_mut(place)
        {
            call.end = Some(now);
            call.status = status;
        }
    }
}
