using System.Threading.Channels;

namespace Queued.Daemon.Loop;

/// <summary>
/// Wakes one waiter. Set many times before it looks, it wakes once. The waiter's code never runs on the setter's
/// thread.
/// </summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) =>
        await _channel.Reader.ReadAsync(cancellationToken);
}
