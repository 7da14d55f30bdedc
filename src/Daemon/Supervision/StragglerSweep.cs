using System.Diagnostics;
using System.Threading.Channels;

namespace Queued.Daemon.Supervision;

/// <summary>
/// Kills what ended workers have left behind outside of their group. Looking through all processes takes a while, so
/// one look serves all workers that ended since the last, and looking takes at most a twentieth of the time.
/// </summary>
internal sealed partial class StragglerSweep : IAsyncDisposable
{
    private const int RestFactor = 20;

    private static readonly TimeSpan RestMin = TimeSpan.FromMilliseconds(50);

    private readonly Channel<string> _ended =
        Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly string _instanceId;
    private readonly ILogger _logger;
    private readonly Task _run;

    internal StragglerSweep(string instanceId, ILogger logger)
    {
        _instanceId = instanceId;
        _logger = logger;
        _run = Task.Run(RunAsync);
    }

    internal void Add(string worker) => _ended.Writer.TryWrite(worker);

    public async ValueTask DisposeAsync()
    {
        _ended.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        // A process that is in the middle of an exec shows no environment, so one look is not enough.
        var again = new HashSet<string>();
        while (!_stop.IsCancellationRequested &&
            (again.Count > 0 || await _ended.Reader.WaitToReadAsync().ConfigureAwait(false)))
        {
            var fresh = new HashSet<string>();
            while (_ended.Reader.TryRead(out var worker))
                fresh.Add(worker);
            again.UnionWith(fresh);

            var started = Stopwatch.GetTimestamp();
            try
            {
                var killed = ProcSweep.Kill(marks => marks.Instance == _instanceId && again.Contains(marks.Worker));
                if (killed > 0)
                    LogKilled(killed, again.Count);
                else
                    again = fresh;
            }
            catch (IOException exception)
            {
                LogNotSwept(exception.Message);
            }

            var rest = Stopwatch.GetElapsedTime(started) * RestFactor;
            await Task.Delay(rest > RestMin ? rest : RestMin, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Killed {Count} processes that {Workers} ended workers left behind")]
    private partial void LogKilled(int count, int workers);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "What ended workers left behind could not be looked for, will try again: {Reason}")]
    private partial void LogNotSwept(string reason);
}
