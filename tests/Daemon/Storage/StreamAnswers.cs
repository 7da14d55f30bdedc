using System.Collections.Concurrent;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Storage;

/// <summary>Reads what is answered to submissions, until the stream ends.</summary>
internal sealed class StreamAnswers
{
    public StreamAnswers(IAsyncStreamReader<ConnectResponse> responses) => _ = ReadAsync(responses);

    public ConcurrentDictionary<ulong, Google.Rpc.Status> RefusedTags { get; } = new();

    public ConcurrentBag<ulong> AcceptedTags { get; } = [];

    private async Task ReadAsync(IAsyncStreamReader<ConnectResponse> responses)
    {
        try
        {
            await foreach (var response in responses.ReadAllAsync())
            {
                foreach (var tag in response.AcceptedTags) AcceptedTags.Add(tag);
                foreach (var ack in response.Acks) RefusedTags[ack.Tag] = ack.Error;
            }
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Cancelled or StatusCode.Unavailable)
        {
            // The test is over.
        }
    }
}
