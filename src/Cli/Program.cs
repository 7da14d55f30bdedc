using Queued.Cli;
using Queued.Cli.Rendering;

using var interruption = Interruption.BySignals();
return await QueueCtl.RunAsync(args, Terminal.OfProcess(), interruption);
