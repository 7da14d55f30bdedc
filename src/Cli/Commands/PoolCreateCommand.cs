using System.CommandLine;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class PoolCreateCommand
{
    public static Command Create(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the pool.");
        Argument<string[]> worker = new("COMMAND")
        {
            Description = "Program and arguments of a worker, after --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<int?> size = OptionKinds.Number("--size", "How many workers. Default: 1.", 0, 1024);
        Option<string[]> queues = OptionKinds.Many(
            "--queue", "A queue to serve; may be given many times. Default: default, or exec.", "NAME");
        Option<bool> exec = OptionKinds.Flag(
            "--exec", "The workers are OS commands, one process for each attempt; no COMMAND.");
        Option<Dictionary<string, string>> env = OptionKinds.Pairs(
            "--env", "A variable of the workers' environment; may be given many times.", "-e");
        Option<string?> cwd = OptionKinds.Text("--cwd", "Working directory of the workers, absolute.", "DIR");
        Option<int?> slots = OptionKinds.Number("--slots", "Attempts that a worker runs at once. Default: 1.", 1, 1024);
        Option<int?> tasksMax = OptionKinds.Number(
            "--tasks-max", "Replace a worker after this many attempts.", 1, int.MaxValue);
        Option<TimeSpan?> ageMax = OptionKinds.Duration("--age-max", "Replace a worker at this age.");
        Option<double?> jitter = OptionKinds.Share(
            "--recycle-jitter", "Share of --tasks-max and --age-max that is random. Default: 0.1.");
        Option<long?> memorySoft = OptionKinds.Size(
            "--memory-soft", "Replace a worker above this memory, after its attempt.");
        Option<long?> memoryHard = OptionKinds.Size("--memory-hard", "Kill a worker above this memory.");
        Option<TimeSpan?> bootTimeout = OptionKinds.Duration(
            "--boot-timeout", "Time a worker has to get ready. Default: 30s.");
        Option<TimeSpan?> heartbeat = OptionKinds.Duration(
            "--heartbeat-timeout", "A worker silent for this long is hung. Default: 30s.");
        Option<TimeSpan?> stopGrace = OptionKinds.Duration(
            "--stop-grace", "From the request to leave to SIGTERM. Default: 10s.");
        Option<TimeSpan?> termGrace = OptionKinds.Duration("--term-grace", "From SIGTERM to SIGKILL. Default: 5s.");
        Option<TimeSpan?> backoff = OptionKinds.Duration(
            "--restart-backoff", "Delay after a failed boot; doubles. Default: 200ms.");
        Option<TimeSpan?> backoffMax = OptionKinds.Duration(
            "--restart-backoff-max", "Longest such delay. Default: 30s.");
        Option<int?> breaker = OptionKinds.Number(
            "--breaker-failures", "Failed boots in a row that open the breaker. Default: 3.", 1, 1000);
        var command = new Command("create", "Make a pool and start its workers.")
        {
            name, worker, size, queues, exec, env, cwd, slots, tasksMax, ageMax, jitter, memorySoft, memoryHard,
            bootTimeout, heartbeat, stopGrace, termGrace, backoff, backoffMax, breaker,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(exec) == (result.GetValue(worker) is { Length: > 0 }))
                result.AddError("Say what the workers are: a command after --, or --exec.");
        });
        host.SetAction(command, async context =>
        {
            string[] served = context.Get(queues) ?? [];
            bool commands = context.Get(exec);
            var spec = new PoolSpec
            {
                Name = context.Get(name),
                Size = context.Get(size) ?? 1,
                Queues = served.Length == 0 && commands ? ["exec"] : served,
                Command = context.Get(worker),
                Exec = commands,
                Environment = context.Get(env) ?? [],
                WorkingDirectory = context.Get(cwd),
                Slots = context.Get(slots) ?? 1,
                TasksMax = context.Get(tasksMax),
                AgeMax = context.Get(ageMax),
                RecycleJitter = context.Get(jitter),
                MemorySoftBytes = context.Get(memorySoft),
                MemoryHardBytes = context.Get(memoryHard),
                BootTimeout = context.Get(bootTimeout),
                HeartbeatTimeout = context.Get(heartbeat),
                StopGrace = context.Get(stopGrace),
                TermGrace = context.Get(termGrace),
                RestartBackoff = context.Get(backoff),
                RestartBackoffMax = context.Get(backoffMax),
                BreakerFailures = context.Get(breaker),
            };
            await PoolCommand.PrintAsync(
                context, await context.Client.Pools.CreateAsync(spec, context.CancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }
}
