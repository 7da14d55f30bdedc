using System.Runtime.InteropServices;
using Queued.FaultyWorker;
using Queued.Worker;

switch (args)
{
    case ["--protocol-version", var version]:
        return await RawWorker.SayHelloAsync(uint.Parse(version, null));
    case ["queue", var deed, var queue]:
        return await QueueDeeds.RunAsync(deed, queue);
    case ["keep-writing", var kind, var name]:
        return await StateDeeds.KeepWritingAsync(kind, name);
    case ["--share"]:
        return await Sharer.RunAsync();
    case ["--pipe", var pipe, var part]:
        return await PipePeer.RunAsync(pipe, part);
    case ["--ignore-sigterm"]:
        // Beside the SDK's own registration: with it the second signal, too, is ignored.
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
        break;
    case ["--queue", var queue]:
        // An external worker, which no pool tells what to take.
        return await QueuedWorker.RunAsync(worker =>
        {
            worker.Options.Queues.Add(queue);
            worker.Handle<string, int>("ignore-cancel", Deeds.IgnoreCancelAsync);
        });
}

return await QueuedWorker.RunAsync(worker => worker
    .Handle("square", (int number) => number * number)
    .Handle<string, int>("hold", Deeds.HoldAsync)
    .Handle<int, int>("exit-0", Deeds.Dies(() => Environment.Exit(0)))
    .Handle<int, int>("exit-1", Deeds.Dies(() => Environment.Exit(1)))
    .Handle<int, int>("abort", Deeds.Dies(() => Environment.FailFast("cannot go on")))
    .Handle<int, int>("segv", Deeds.Dies(Native.ReadWhereNothingIs))
    .Handle<int, int>("kill", Deeds.Dies(Native.KillOneself))
    .Handle<int, int>("leave-children", Deeds.Dies(Deeds.LeaveChildren))
    .Handle<int, int>("eat", Deeds.Dies(Deeds.EatMemory))
    .Handle<int, int>("loop", Deeds.Dies(Deeds.Loop))
    .Handle<int, int>("fail", Deeds.Dies(() => throw new InvalidOperationException("as asked")))
    .Handle<int, bool>("children", (_, _) => Deeds.StartChildren())
    .Handle<string, int>("ignore-cancel", Deeds.IgnoreCancelAsync)
    .Handle<long, long>("flood", Deeds.FloodAsync)
    .Handle<string, int>("two-lines", Deeds.WriteTwoLinesAsync)
    .Handle<int, string>("long-result", (int length) => new string('x', length))
    .Handle<int, int>("nest", Deeds.NestAsync)
    .Handle<string, long>("add-one", MemoryDeeds.AddOneAsync)
    .Handle<HeldMemory, int>("hold-memory", MemoryDeeds.HoldAsync)
    .Handle<string, int>("raise", SharingDeeds.RaiseAsync)
    .Handle<string, int>("answer", SharingDeeds.AnswerAsync)
    .Handle<string, int>("hold-lock", SharingDeeds.HoldLockAsync)
    .HandleRaw("echo", MemoryDeeds.EchoAsync)
    .HandleRaw("echo-most", MemoryDeeds.EchoMostAsync)
    .HandleRaw("echo-little", MemoryDeeds.EchoLittleAsync)
    .HandleRaw("add-one-raw", MemoryDeeds.AddOneRawAsync)
    .HandleRaw("gate-then-echo", MemoryDeeds.PassThenEchoAsync)
    .HandleRaw("keep", MemoryDeeds.KeepAsync)
    .Handle<int, bool>("kept-is-gone", _ => MemoryDeeds.IsKeptGone())
    .HandleRaw("make", MemoryDeeds.MakeAsync));
