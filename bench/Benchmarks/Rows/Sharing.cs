namespace Queued.Benchmarks;

/// <summary>Queues, pipes and locks against those of multiprocessing.</summary>
internal static class Sharing
{
    private const int LargeBytes = 16 * 1024 * 1024;

    public static async Task RunQueueAsync(BenchOptions options, Report report)
    {
        const string us = "queued, queue of messages";
        const string peer = "multiprocessing.Queue";
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "Messages of 64 bytes from one process to another, by a queue", "message");
        await contest.RunAsync(options,
        [
            await SharingWork.QueueAsync(us, daemon),
            Pythons.Queue(peer, "Queue"),
            Pythons.Queue("multiprocessing.SimpleQueue", "SimpleQueue"),
        ]);
        contest.Compare(
            "Queue, put to get, against multiprocessing.Queue", us, peer, Target.AtLeast(2, 5),
            figures => figures.Rate);
    }

    public static async Task RunPipeAsync(BenchOptions options, Report report)
    {
        const string us = "queued, pipe";
        const string peer = "multiprocessing.Pipe";
        const string spread = "multiprocessing.Pipe, on two cores";
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "A message of 64 bytes to another process and back, by a pipe", "round trip");
        await contest.RunAsync(options,
        [
            await SharingWork.PipesAsync(us, daemon, 1),
            Pythons.Pipe(peer),
            Pythons.Pipe(spread, "two-cores"),
            Servers.Floor("C, Unix socket, on two cores", "pingpong-two-cores"),
        ]);
        contest.Compare(
            "Pipe round trip against multiprocessing.Pipe (two hops against one)", us, peer, Target.AtMost(2, 1.2),
            figures => figures.MedianLatency);
        contest.Compare(
            "… against the same on two cores", us, spread, Target.Shown(false), figures => figures.MedianLatency);
    }

    public static async Task RunLockAsync(BenchOptions options, Report report)
    {
        const string us = "queued, lock";
        const string manager = "Manager().Lock()";
        const string semaphore = "multiprocessing.Lock()";
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "A lock that nobody else wants is taken and given back", "turn");
        await contest.RunAsync(options,
            [SharingWork.Lock(us, daemon), Pythons.Lock(manager, "manager"), Pythons.Lock(semaphore, "semaphore")]);
        contest.Compare(
            "Lock, acquire and release, against Manager().Lock(), which is a process as well", us, manager,
            Target.Shown(false), figures => figures.MedianLatency);
        contest.Compare(
            "… against multiprocessing.Lock(), a semaphore in shared memory that nobody frees", us, semaphore,
            Target.Shown(false), figures => figures.MedianLatency);
    }

    public static async Task RunPayloadAsync(BenchOptions options, Report report)
    {
        const string us = "queued, by shared memory";
        const string inPlace = "queued, the result read where it is";
        const string own = "queued, a result of the worker's own bytes";
        const string ownInPlace = "queued, a result of the worker's own bytes, read where it is";
        const string peer = "Pool.apply";
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "16 MiB to a worker and back", "task");
        var work = new TaskWork(daemon, BenchDaemon.Memory);
        await contest.RunAsync(options,
        [
            work.Large(us, LargeBytes),
            work.Large(inPlace, LargeBytes, isInPlace: true),
            work.Large(own, LargeBytes, EchoWorker.OwnBytesHandler),
            work.Large(ownInPlace, LargeBytes, EchoWorker.OwnBytesHandler, isInPlace: true),
            Pythons.LargePool(peer),
        ]);
        contest.Compare(
            "16 MiB there and back by shared memory against Pool", us, peer, Target.AtLeast(20, 60),
            figures => figures.Rate);
        contest.Compare(
            "… where the result is read where it is", inPlace, peer, Target.AtLeast(20, 60), figures => figures.Rate);
        contest.Compare(
            "… where the result is bytes of the worker's own", own, peer, Target.Shown(true),
            figures => figures.Rate);
        contest.Compare(
            "… and is read where it is", ownInPlace, peer, Target.Shown(true), figures => figures.Rate);
    }
}
