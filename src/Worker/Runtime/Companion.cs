using System.Text.Json;
using Queued.Worker.Connection;

namespace Queued.Worker.Runtime;

/// <summary>
/// What the client SDK gives to the handlers of one connection: made when the first of them asks for it, and gone with
/// the connection, as the attempts count for nothing then.
/// </summary>
internal sealed class Companion(DaemonAddress address, Func<JsonSerializerOptions> json) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private IAsyncDisposable? _made;
    private bool _isDisposed;

    /// <exception cref="ObjectDisposedException">The connection has ended.</exception>
    internal T Get<T>(Func<string, JsonSerializerOptions, T> make)
        where T : class, IAsyncDisposable
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(TaskContext));
            return (T)(_made ??= make(address.ToString(), json()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        IAsyncDisposable? made;
        lock (_gate)
            (made, _isDisposed) = (_made, true);
        if (made is not null)
            await made.DisposeAsync().ConfigureAwait(false);
    }
}
