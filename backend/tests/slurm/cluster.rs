//! A cluster of two nodes on this machine: munged, a controller and two node daemons of their own, in a folder of their
//! own. No systemd, no control groups, nothing in `/etc`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tunemask_shared::fixtures::Requirement;

/// One cluster at a time: each takes the whole processor.
static ONE: Mutex<()> = Mutex::new(());

/// A cluster that runs until it is dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    _one: MutexGuard<'static, ()>,
}

/// A program of Slurm, wherever its package puts it.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    folders.map(|folder: PathBuf| folder.join(name)).find(|path| path.is_file())
}

fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What the nodes of a cluster say that they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gpus {
    None,
    /// Two pretended ones each: Slurm wants files of devices, and no more of them than that they are there.
    Two,
}

impl Cluster {
    /// Starts one; `None`, and a word, where Slurm is not installed. `more` lines stand at the end of its configuration.
    pub fn start(more: &str) -> Option<Self> {
        Self::start_with(more, Gpus::None)
    }

    /// The same with two pretended GPUs a node, which a task may ask Slurm for and nobody can compute on.
    pub fn start_with_gpus() -> Option<Self> {
        Self::start_with("GresTypes=gpu", Gpus::Two)
    }

    fn start_with(more: &str, gpus: Gpus) -> Option<Self> {
        for name in ["munged", "slurmctld", "slurmd", "sbatch", "squeue"] {
            if program(name).is_none() {
                Requirement::Slurm.skip(format_args!("{name} is not installed"));
                return None;
            }
        }
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let cluster = Self { folder: tempfile::tempdir().unwrap(), _one: one };
        cluster.configure(more, gpus);
        cluster.start_munge();
        cluster.start_controller();
        ["n1", "n2"].into_iter().for_each(|node| cluster.start_node(node));
        let begin = Instant::now();
        while cluster.states() != ["idle", "idle"] {
            assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", cluster.states());
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(cluster)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, more: &str, gpus: Gpus) {
        for folder in ["munge", "state", "spool/n1", "spool/n2", "log"] {
            fs::create_dir_all(self.path(folder)).unwrap();
        }
        // Whoever talks to Slurm comes through here.
        mode(self.folder.path(), 0o755);
        mode(&self.path("munge"), 0o711);
        let name = |arguments: &[&str], program: &str| {
            String::from_utf8(run(Command::new(program).args(arguments)).stdout).unwrap().trim().to_owned()
        };
        let (host, user) = (name(&["-s"], "hostname"), name(&["-un"], "id"));
        let held: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|held| held.local_addr().unwrap().port()).collect();
        let gres = match gpus {
            Gpus::None => "",
            Gpus::Two => {
                let files =
                    "NodeName=n1,n2 Name=gpu File=/dev/null\nNodeName=n1,n2 Name=gpu File=/dev/zero\n";
                fs::write(self.path("gres.conf"), files).unwrap();
                "Gres=gpu:2 "
            }
        };
        let (folder, node) =
            (self.folder.path().display(), format!("CPUs=2 RealMemory=2000 {gres}State=UNKNOWN"));
        let text = format!(
            "ClusterName=try\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={}\nSlurmUser={user}\nSlurmdUser={user}\n\
             AuthType=auth/munge\nCredType=cred/munge\nAuthInfo=socket={folder}/munge/socket,cred_expire=5\n\
             StateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool/%n\n\
             SlurmctldPidFile={folder}/slurmctld.pid\nSlurmdPidFile={folder}/slurmd.%n.pid\n\
             SlurmctldLogFile={folder}/log/slurmctld.log\nSlurmdLogFile={folder}/log/slurmd.%n.log\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nJobAcctGatherType=jobacct_gather/none\n\
             MpiDefault=none\nSwitchType=switch/none\nSlurmdParameters=config_overrides\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nSchedulerType=sched/backfill\n\
             SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,bf_interval=1,sched_interval=5\n\
             ReturnToService=2\nSlurmdTimeout=10\nSlurmctldTimeout=10\nMessageTimeout=10\nBatchStartTimeout=10\n\
             KillWait=5\nInactiveLimit=0\nJobRequeue=1\nAccountingStorageType=accounting_storage/none\n\
             JobCompType=jobcomp/none\n\
             NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={} {node}\n\
             NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={} {node}\n\
             PreemptType=preempt/partition_prio\nPreemptMode=REQUEUE\nSlurmctldParameters=preempt_send_user_signal\n\
             PartitionName=all Nodes=n1,n2 Default=YES MaxTime=60 DefaultTime=10 PriorityTier=1 GraceTime=20 State=UP\n\
             PartitionName=high Nodes=n1,n2 MaxTime=60 DefaultTime=10 PriorityTier=10 PreemptMode=OFF State=UP\n{more}\n",
            ports[0], ports[1], ports[2]
        );
        fs::write(self.path("slurm.conf"), text).unwrap();
    }

    fn start_munge(&self) {
        let key = self.path("munge/key");
        let mut bytes = [0; 1024];
        getrandom(&mut bytes);
        fs::write(&key, bytes).unwrap();
        mode(&key, 0o600);
        let at = |name: &str, file: &str| format!("--{name}={}", self.path("munge").join(file).display());
        let files = [
            ("key-file", "key"),
            ("socket", "socket"),
            ("pid-file", "pid"),
            ("log-file", "log"),
            ("seed-file", "seed"),
        ];
        let words = files.map(|(name, file)| at(name, file));
        run(Command::new(program("munged").unwrap()).args(words).args(["--num-threads=2", "--force"]));
    }

    pub fn start_controller(&self) {
        run(self.command("slurmctld").arg("-f").arg(self.path("slurm.conf")));
    }

    pub fn start_node(&self, node: &str) {
        run(self.command("slurmd").arg("-f").arg(self.path("slurm.conf")).args(["-N", node]));
    }

    /// A program that finds this cluster.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name).unwrap());
        command.envs(self.environment());
        command
    }

    /// What a program needs to find it.
    pub fn environment(&self) -> Vec<(String, String)> {
        vec![("SLURM_CONF".into(), self.path("slurm.conf").display().to_string())]
    }

    fn answer(&self, name: &str, arguments: &[&str]) -> String {
        let output = self.command(name).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// How its nodes are.
    pub fn states(&self) -> Vec<String> {
        self.answer("sinfo", &["-h", "-N", "-p", "all", "-o", "%T"]).lines().map(str::to_owned).collect()
    }

    /// The tasks that run, and on which node: `12_3` and `n1`.
    pub fn running(&self) -> Vec<(String, String)> {
        let text = self.answer("squeue", &["-h", "-r", "-t", "R", "-o", "%i %N"]);
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, node)| (id.into(), node.into()))
            .collect()
    }

    /// How many tasks wait or run.
    pub fn queued(&self) -> usize {
        self.answer("squeue", &["-h", "-r"]).lines().count()
    }

    /// Does something to a task.
    pub fn tell(&self, name: &str, arguments: &[&str]) {
        run(self.command(name).args(arguments));
    }

    /// Brings nodes back into service that the controller took out of it.
    pub fn resume_nodes(&self) {
        // Those that are in service are refused.
        _ = self.command("scontrol").args(["update", "nodename=n1,n2", "state=resume"]).output();
    }

    fn pid(&self, file: &str) -> Option<u32> {
        fs::read_to_string(self.path(file)).ok()?.trim().parse().ok()
    }

    pub fn kill_controller(&self) {
        signal(&self.pid("slurmctld.pid").into_iter().collect::<Vec<_>>(), "KILL");
    }

    /// A signal for the daemon of a node alone.
    pub fn signal_node(&self, node: &str, name: &str) {
        signal(&self.pid(&format!("slurmd.{node}.pid")).into_iter().collect::<Vec<_>>(), name);
    }

    /// A node dies: its daemon, those that it started, and their jobs.
    pub fn kill_node(&self, node: &str) {
        let mut pids: Vec<u32> = self.pid(&format!("slurmd.{node}.pid")).into_iter().collect();
        let spool = self.path(&format!("spool/{node}")).display().to_string();
        for process in processes() {
            // What Slurm starts there says its node, and the steps' daemons were started with the spool as their folder.
            let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
            let says = |word: String| environment.split(|byte| *byte == 0).any(|own| own == word.as_bytes());
            if says(format!("SLURMD_NODENAME={node}"))
                && says(format!("SLURM_CONF={}", self.path("slurm.conf").display()))
            {
                pids.push(process);
            }
            let folder = fs::read_link(format!("/proc/{process}/cwd")).unwrap_or_default();
            if folder.starts_with(&spool) {
                pids.push(process);
            }
        }
        signal(&pids, "KILL");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.answer("squeue", &["-r", "-t", "all"]));
            let log = fs::read_to_string(self.path("log/slurmctld.log")).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(30).collect();
            eprintln!("{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        _ = self.command("scancel").args(["-p", "all"]).output();
        let begin = Instant::now();
        while self.queued() > 0 && begin.elapsed() < Duration::from_secs(8) {
            std::thread::sleep(Duration::from_millis(100));
        }
        // Only after the jobs: a node's daemon leaves them behind.
        let files = ["slurmd.n1.pid", "slurmd.n2.pid", "slurmctld.pid", "munge/pid"];
        let pids: Vec<u32> = files.into_iter().filter_map(|file| self.pid(file)).collect();
        signal(&pids, "TERM");
        std::thread::sleep(Duration::from_millis(500));
        signal(&pids, "KILL");
    }
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn signal(pids: &[u32], name: &str) {
    for pid in pids {
        // One that is gone is as good.
        _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).output();
    }
}

fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn getrandom(bytes: &mut [u8]) {
    use std::io::Read;
    fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
}
