using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Queued.Client.Sessions;
using Queued.Client.Streams;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>
/// Puts of one queue, in the order in which they came: what comes while a put is under way travels together in the
/// next one. There is no timer, so a lone put pays no delay.
/// </summary>
internal sealed class PutBatches(MessageChannel channel)
{
    private const int MessagesMax = 4096;
    private const int BytesMax = 1024 * 1024;
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingPut> _pending = new();
    private CancellationTokenSource? _sent;
    private bool _isSending;

    /// <param name="message">What to put; waits for room without an end.</param>
    /// <param name="cancellationToken">The message is not put, or this completes as if there was none.</param>
    public Task PutAsync(PutMessage message, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        var put = new PendingPut(message, cancellationToken);
        var starts = false;
        lock (_gate)
        {
            put.Place = _pending.AddLast(put);
            if (!_isSending)
                starts = _isSending = true;
        }

        if (starts)
        {
            // What it sends later is not of this caller alone.
            using (ExecutionContext.SuppressFlow())
                _ = SendAsync();
        }

        return cancellationToken.CanBeCanceled
            ? WatchAsync(put, cancellationToken)
            : WaitScope.RunAsync(put.Task, CancellationToken.None);
    }

    private async Task WatchAsync(PendingPut put, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(_ => GiveUp(put), null).ConfigureAwait(false))
            await WaitScope.RunAsync(put.Task, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>
    /// Its caller waits no longer: it is not sent, or what was sent is called off, and what came of it counts.
    /// </summary>
    private void GiveUp(PendingPut put)
    {
        lock (_gate)
        {
            put.IsGivenUp = true;
            if (put.Place is not { } place)
            {
                _ = _sent?.CancelAsync();
                return;
            }

            _pending.Remove(place);
            put.Place = null;
        }

        put.EndGivenUp();
    }

    private async Task SendAsync()
    {
        var batch = new List<PendingPut>();
        while (true)
        {
            using var sent = new CancellationTokenSource();
            var request = Take(batch, sent);
            if (request is null)
                return;
            QueuedException? error;
            var done = 0;
            try
            {
                (done, error) = await channel.PutSomeAsync(request, sent.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Called off with nothing put.
                error = null;
            }
            catch (QueuedException exception)
            {
                error = exception;
            }
#pragma warning disable CA1031 // Whatever it was, those who wait must hear of it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                foreach (var put in batch)
                    put.Fail(exception);
                batch.Clear();
                (done, error) = (0, null);
            }

            if (done == 1 && batch.Count == 1 && TryEnd())
            {
                // It is alone: its caller may have this thread.
                batch[0].SetHere(true);
                return;
            }

            Settle(batch, done, error);
        }
    }

    /// <returns>False: there is more to send.</returns>
    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_pending.Count > 0)
                return false;
            (_sent, _isSending) = (null, false);
            return true;
        }
    }

    private Proto.PutMessagesRequest? Take(List<PendingPut> batch, CancellationTokenSource sent)
    {
        lock (_gate)
        {
            if (_pending.Count == 0)
            {
                _isSending = false;
                return null;
            }

            var request = new Proto.PutMessagesRequest
            {
                Queue = channel.Name,
                Wait = Duration.FromTimeSpan(WaitMax),
            };
            var bytes = 0;
            while (batch.Count < MessagesMax && bytes < BytesMax && _pending.First is { Value: var put }
                && put.Message.FitsInto(request))
            {
                _pending.RemoveFirst();
                put.Place = null;
                bytes += put.Message.Payload.Data.Length;
                batch.Add(put);
                put.Message.AddTo(request);
            }

            _sent = sent;
            return request;
        }
    }

    private void Settle(List<PendingPut> batch, int done, QueuedException? error)
    {
        for (var index = 0; index < done; index++)
            batch[index].Set(true);
        batch.RemoveRange(0, done);
        // A full queue, or a wait that one of them called off, leaves the others waiting.
        if (error is not null && !MessageChannel.IsFull(error) && error is not WaitCancelledException)
            Refuse(batch, done, error);

        var givenUp = new List<PendingPut>();
        lock (_gate)
        {
            _sent = null;
            // Before what came later.
            for (var index = batch.Count - 1; index >= 0; index--)
            {
                var put = batch[index];
                if (put.IsGivenUp)
                    givenUp.Add(put);
                else
                    put.Place = _pending.AddFirst(put);
            }
        }

        foreach (var put in givenUp)
            put.EndGivenUp();
        batch.Clear();
    }

    /// <summary>A refusal of one message is for who put it; the others are tried again. Any other is for all.</summary>
    /// <param name="batch">Those that were not put.</param>
    /// <param name="done">So many were put before them, and count where the daemon names a message.</param>
    /// <param name="error">Why.</param>
    private static void Refuse(List<PendingPut> batch, int done, QueuedException error)
    {
        if (IndexIn(error.Field) - done is { } index and >= 0 && index < batch.Count)
        {
            batch[index].Fail(error);
            batch.RemoveAt(index);
            return;
        }

        foreach (var put in batch)
            put.Fail(error);
        batch.Clear();
    }

    /// <summary>Of <c>messages[3].payload</c>: 3. Null: it is of no message.</summary>
    private static int? IndexIn(string? field)
    {
        const string prefix = "messages[";
        if (field?.StartsWith(prefix, StringComparison.Ordinal) != true)
            return null;
        var end = field.IndexOf(']', StringComparison.Ordinal);
        return end > 0 && int.TryParse(
            field.AsSpan(prefix.Length, end - prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
            out var index)
            ? index
            : null;
    }

    private sealed class PendingPut(PutMessage message, CancellationToken cancellationToken) : Awaited<bool>
    {
        public PutMessage Message { get; } = message;

        /// <summary>Among those that were not sent.</summary>
        public LinkedListNode<PendingPut>? Place { get; set; }

        public bool IsGivenUp { get; set; }

        public void EndGivenUp() => Fail(new OperationCanceledException(cancellationToken));
    }
}
